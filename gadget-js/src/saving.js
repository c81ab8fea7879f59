/**
 * One save: read again, one edit, verify. Pure but for the api that it is given, as wiki.js has it.
 */
'use strict';

const claims = require( './claims.js' );
const refusals = require( './refusals.js' );

/** How often a file that changes meanwhile is looked at anew before that is a conflict. */
const ROUNDS = 2;

function refusal( code, info ) {
	return { code: code, names: [], info: info || '' };
}

/**
 * The page's latest revision (a valid base for a MediaInfo that does not exist yet, too), then the
 * entity. In this order the base is never newer than what was looked at: an edit between the two
 * makes it older, and the wiki notices.
 */
function read( api, mid ) {
	return api.get( {
		action: 'query', prop: 'info', pageids: mid.slice( 1 ), formatversion: 2
	} ).then( ( info ) => {
		const page = info && info.query && info.query.pages && info.query.pages[ 0 ];
		if ( page && page.missing ) {
			throw refusal( 'no-such-file' );
		}
		if ( !page || !( page.lastrevid > 0 ) ) {
			throw refusal( 'strange' );
		}
		return readEntity( api, mid )
			.then( ( entity ) => ( { entity: entity, revision: page.lastrevid } ) );
	} );
}

/** The entity alone. */
function readEntity( api, mid ) {
	return api.get( { action: 'wbgetentities', ids: mid } ).then( ( answer ) => {
		const entity = answer && answer.entities && answer.entities[ mid ];
		if ( !claims.isReadable( entity, mid ) ) {
			throw refusal( 'strange' );
		}
		return entity;
	} );
}

/**
 * What is still to be written. Where the file names more than what the picks were suggested beside
 * (have), one may now lie above that: the service is asked again, and the file read again.
 */
function settle( api, wish, have, picks, rounds ) {
	return read( api, wish.mid ).then( ( now ) => {
		const present = claims.depicted( now.entity );
		const write = picks.filter( ( item ) => !present.includes( item ) );
		if ( !write.length || present.every( ( item ) => have.includes( item ) ) ) {
			return { write: write, present: present, revision: now.revision };
		}
		if ( !rounds ) {
			throw refusal( 'edit-conflict' );
		}
		return wish.offered( present ).then(
			( offered ) => settle( api, wish, present,
				write.filter( ( item ) => offered.includes( item ) ), rounds - 1 ),
			() => {
				throw refusal( 'unchecked' );
			}
		);
	} );
}

/** How each written item is found after the edit, which exists by now; never rejects. */
function verify( api, mid, items ) {
	return readEntity( api, mid ).then(
		( after ) => ( item ) => claims.fate( after, item ), () => () => 'unread'
	).then( ( fate ) => items.reduce(
		( fates, item ) => Object.assign( fates, { [ item ]: fate( item ) } ), {}
	) );
}

/**
 * Send the edit. Where the wiki does not have the tag it writes nothing and says so; then once
 * more without it. Rejects with the code "uncertain" where the edit may exist; info is empty where
 * there was no answer.
 */
function post( api, edit, tag ) {
	const send = ( more ) => api.postWithEditToken( Object.assign( {}, edit, more ) )
		.then( ( answer ) => ( { answer: answer, tagged: 'tags' in more } ) );
	return send( tag ? { tags: tag } : {} )
		.then( null, ( error ) => {
			if ( tag && error.code === 'badtags' ) {
				return send( {} );
			}
			throw error;
		} )
		.then( null, ( error ) => {
			throw refusals.isRefusal( error ) ? error :
				refusal( 'uncertain', error.code === 'http' ? '' : error.info || error.code );
		} );
}

/**
 * Save the picks as one edit under the person's account.
 *
 * @param {Object} api
 * @param {Object} wish mid, picks, user, summary; tag: empty for none; have: items that the file
 *  named when the picks were suggested; offered( have ): promise of what is suggested beside these.
 * @return {Promise<{revision: number|null, written: string[], tagged: boolean, fates: Object}>}
 *  revision: null where no edit was needed, or the wiki did not tell it. fates, by pick: "saved";
 *  "absent", "twice" or "unread" where that could not be confirmed; "redundant" (was there) or
 *  "withdrawn" (not suggested any more) where it was not written. Rejects as the api does, with
 *  nothing written unless the code is "uncertain".
 */
function save( api, wish ) {
	const picks = Array.from( new Set( wish.picks ) );
	return settle( api, wish, wish.have, picks, ROUNDS ).then( ( plan ) => {
		const fates = picks.reduce( ( all, item ) => Object.assign( all, {
			[ item ]: plan.present.includes( item ) ? 'redundant' : 'withdrawn'
		} ), {} );
		if ( !plan.write.length ) {
			return { revision: null, written: [], tagged: false, fates: fates };
		}
		return post( api, {
			action: 'wbeditentity',
			id: wish.mid,
			// "claims": wbeditentity silently ignores "statements"
			data: JSON.stringify( { claims: plan.write.map( claims.depictsClaim ) } ),
			baserevid: plan.revision,
			assertuser: wish.user,
			maxlag: 5,
			summary: wish.summary
		}, wish.tag ).then( ( sent ) => verify( api, wish.mid, plan.write ).then( ( seen ) => ( {
			revision: sent.answer && sent.answer.entity && sent.answer.entity.lastrevid || null,
			written: plan.write,
			tagged: sent.tagged,
			fates: Object.assign( fates, seen )
		} ) ) );
	} );
}

module.exports = { readEntity, save };
