/**
 * One save: read again, one edit, verify. Pure but for the api that it is given (wiki.js makes one
 * of mw.Api): get( parameters ) and postWithEditToken( parameters ), which return promises and
 * reject with { code, names, info }.
 */
'use strict';

const claims = require( './claims.js' );

/** Refusals after which the edit may exist all the same: the answer was lost, not the request. */
const UNHEARD = [ 'http', 'ok-but-empty' ];

function strange() {
	return { code: 'strange', names: [], info: '' };
}

/**
 * Read the page's latest revision (a valid base revision for a MediaInfo that does not exist yet,
 * too), and then the entity. In this order the base is never newer than what was looked at: an
 * edit between the two makes it older, and the wiki notices.
 *
 * @param {Object} api
 * @param {string} mid Such as "M2".
 * @return {Promise<{entity: Object, revision: number}>} Rejects with the code "strange" where the
 *  wiki does not answer as expected, "no-such-file" where the file is gone.
 */
function read( api, mid ) {
	return api.get( {
		action: 'query', prop: 'info', pageids: mid.slice( 1 ), formatversion: 2
	} ).then( ( info ) => {
		const page = info && info.query && info.query.pages && info.query.pages[ 0 ];
		if ( page && page.missing ) {
			throw { code: 'no-such-file', names: [], info: '' };
		}
		if ( !page || !( page.lastrevid > 0 ) ) {
			throw strange();
		}
		return readEntity( api, mid )
			.then( ( entity ) => ( { entity: entity, revision: page.lastrevid } ) );
	} );
}

function readEntity( api, mid ) {
	return api.get( { action: 'wbgetentities', ids: mid } ).then( ( answer ) => {
		const entity = answer && answer.entities && answer.entities[ mid ];
		if ( !claims.isReadable( entity, mid ) ) {
			throw strange();
		}
		return entity;
	} );
}

/**
 * Look whether the claims are there. The edit exists by now, so a failed read is no failed save.
 *
 * @param {Object} api
 * @param {string} mid Such as "M2".
 * @param {string[]} items What was written.
 * @return {Promise<{verified: boolean, unverified: string[]|null}>} Never rejects.
 */
function verify( api, mid, items ) {
	return readEntity( api, mid ).then( ( after ) => {
		const missing = claims.unverified( after, items );
		return { verified: !missing.length, unverified: missing };
	} ).then( null, () => ( { verified: false, unverified: null } ) );
}

/**
 * Send the edit. Where the wiki does not have the tag it writes nothing and says so; then once
 * more without it.
 *
 * @param {Object} api
 * @param {Object} edit Parameters.
 * @param {string} tag
 * @return {Promise<{answer: Object, tagged: boolean}>} Rejects with the code "uncertain" where the
 *  edit may exist.
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
			throw UNHEARD.indexOf( error.code ) < 0 ? error :
				{ code: 'uncertain', names: [], info: error.info };
		} );
}

/**
 * Save the picks as one edit under the person's account.
 *
 * @param {Object} api
 * @param {{mid: string, picks: string[], user: string, summary: string, tag: string}} wish
 *  tag: empty for none.
 * @return {Promise<{revision: number|null, written: string[], redundant: string[], tagged: boolean,
 *  verified: boolean, unverified: string[]|null}>} revision: null where no edit was needed, or the
 *  wiki did not tell it; unverified: null where the read after the edit failed. Rejects as the api
 *  does, with nothing written unless the code is "uncertain".
 */
function save( api, wish ) {
	return read( api, wish.mid ).then( ( now ) => {
		const planned = claims.plan( now.entity, wish.picks );
		if ( !planned.write.length ) {
			return {
				revision: null, written: [], redundant: planned.redundant, tagged: false,
				verified: true, unverified: []
			};
		}
		return post( api, {
			action: 'wbeditentity',
			id: wish.mid,
			// "claims": wbeditentity silently ignores "statements"
			data: JSON.stringify( { claims: planned.write.map( ( item ) => claims.depictsClaim( item ) ) } ),
			baserevid: now.revision,
			assertuser: wish.user,
			maxlag: 5,
			summary: wish.summary
		}, wish.tag ).then( ( sent ) => verify( api, wish.mid, planned.write )
			.then( ( seen ) => Object.assign( {
				revision: sent.answer && sent.answer.entity && sent.answer.entity.lastrevid || null,
				written: planned.write,
				redundant: planned.redundant,
				tagged: sent.tagged
			}, seen ) ) );
	} );
}

module.exports = { read, save };
