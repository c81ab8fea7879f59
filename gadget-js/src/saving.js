/**
 * One save: read again, one edit, verify. api is as wiki.js has it. Rejects as it does, or with a
 * code of refusals.js, and nothing is written then; or "uncertain".
 */
'use strict';

const { asking, claims } = require( 'ext.gadget.suggest-depicts-core' );
const refusals = require( './refusals.js' );

/** How often a file that changes meanwhile is looked at anew. */
const ROUNDS = 2;
/** What we send, by module. */
const SENT = {
	wbeditentity: [ 'id', 'data', 'baserevid', 'summary', 'tags' ],
	wbgetentities: [ 'ids' ],
	wbremoveclaims: [ 'claim', 'baserevid', 'summary', 'tags' ]
};
/** This page's statements, by id: nothing else is ever removed. */
const made = Object.create( null );
/** Ids of those of which it is not known whether they were taken back. */
const leaving = new Set();

const refusal = ( code, info = '' ) => ( { code, names: [], info } );

/** Rejects where this is not the wiki that we know, or user is logged in no more. */
function check( api, user ) {
	const modules = Object.keys( SENT );
	const named = ( list, name ) => ( list || [] ).find( ( one ) => one.name === name ) || {};
	return api.get( {
		action: 'paraminfo', modules: modules.join( '|' ), formatversion: 2,
		assert: user ? 'user' : undefined, assertuser: user || undefined
	} ).then( ( { paraminfo } ) => {
		const told = ( module ) => named( paraminfo && paraminfo.modules, module ).parameters;
		if ( modules.some( ( module ) =>
			SENT[ module ].some( ( one ) => !named( told( module ), one ).name ) ) ) {
			throw refusal( 'strange' );
		}
	} );
}

/**
 * The page's latest revision (a base for a MediaInfo that does not exist yet, too), then the
 * entity. Each may come from a database that is behind the other's: the base is the older one,
 * never newer than what was looked at, and the wiki notices an edit between.
 */
function read( api, { mid, property } ) {
	return api.get( {
		action: 'query', prop: 'info', pageids: mid.slice( 1 ), formatversion: 2
	} ).then( ( { query } ) => {
		const { missing, lastrevid } = query && query.pages && query.pages[ 0 ] || {};
		if ( missing || !( lastrevid > 0 ) ) {
			throw refusal( missing ? 'no-such-file' : 'strange' );
		}
		return asking.readEntity( api, mid, property )
			.then( ( entity ) => ( {
				entity, baserevid: Math.min( lastrevid, entity.lastrevid || lastrevid )
			} ) );
	} );
}

/**
 * What is still to be written. Where the file names more than what the picks were suggested beside
 * (have), one may now lie above that: the service is asked again, and the file read again.
 */
function settle( api, wish, have, items, rounds ) {
	return read( api, wish ).then( ( { entity, baserevid } ) => {
		const present = claims.depicted( entity, wish.property );
		const write = items.filter( ( item ) => !present.includes( item ) );
		if ( !write.length || present.every( ( item ) => have.includes( item ) ) ) {
			return { write, present, baserevid };
		}
		if ( !rounds ) {
			throw refusal( 'changing' );
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

/** "uncertain": the edit may exist; info is empty where there was no answer. */
function post( api, { user, summary, tag }, edit ) {
	return api.postWithEditToken( Object.assign(
		{ assert: 'user', assertuser: user, maxlag: 5, summary }, edit, tag ? { tags: tag } : {}
	) ).then( null, ( error ) => {
		throw refusals.isRefusal( error ) ? error :
			refusal( 'uncertain', error.code === 'http' ? '' : error.info || error.code );
	} );
}

/** Once more where nothing was written and reading again, or leaving out the tag, helps. */
function tried( wish, step ) {
	return step( wish ).then( null, ( error ) => {
		const tagless = wish.tag && error.code === 'badtags';
		if ( !tagless && ![ 'conflict', 'created' ].includes( refusals.reason( error ) ) ) {
			throw error;
		}
		return step( Object.assign( {}, wish, tagless ? { tag: '' } : {} ) );
	} );
}

function remove( api, wish, baserevid, ids ) {
	return post( api, wish, { action: 'wbremoveclaims', claim: ids.join( '|' ), baserevid } );
}

function each( items, value ) {
	return items.reduce( ( all, item ) => Object.assign( all, { [ item ]: value( item ) } ), {} );
}

/**
 * Fates of what was sent (ids by item) with the revision since, which a reading that is older does
 * not tell of. Where somebody else has added the same, ours is taken back, unless somebody has
 * built on it. Never rejects.
 */
function verify( api, wish, ids, fates, rounds, since ) {
	const items = Object.keys( ids );
	return read( api, wish ).then( ( { entity, baserevid } ) => {
		if ( since && !( entity.lastrevid >= since ) ) {
			return rounds ? verify( api, wish, ids, fates, rounds - 1, since ) :
				each( items, ( item ) => fates[ item ] || 'unread' );
		}
		const seen = each( items, ( item ) =>
			claims.outcome( entity, made[ ids[ item ] ], /unread|twice/.test( fates[ item ] ) ) );
		const back = items.filter( ( item ) => rounds && seen[ item ] === 'twice' &&
			claims.isAsSent( entity, made[ ids[ item ] ] ) );
		return !back.length ? seen :
			remove( api, wish, baserevid, back.map( ( item ) => ids[ item ] ) )
				.then( ( { pageinfo } ) => [ 'unread', pageinfo ], () => [ 'twice' ] )
				.then( ( [ end, { lastrevid } = {} ] ) => verify( api, wish, ids,
					Object.assign( seen, each( back, () => end ) ), rounds - 1,
					lastrevid || since ) );
	}, () => each( items, ( item ) => fates[ item ] || 'unread' ) );
}

/**
 * @param {Object} api
 * @param {Object} wish mid, property, picks: { item, rank }, user, summary; tag: or empty; have:
 *  what the file named beside the suggestions; offered( have ): promise of what is, beside these.
 * @return {Promise<Object>} revision: or null; written: items; tagged; guids: ids of ours, by item;
 *  fates, by pick: "saved"; "returned" (somebody else added it meanwhile, ours was taken back);
 *  "absent", "twice", "unread"; not written: "redundant", "withdrawn" (not suggested any more).
 */
function save( api, wish ) {
	const ids = {};
	wish.picks.forEach( ( { item, rank } ) => {
		const id = ids[ item ] = claims.newGuid( wish.mid );
		made[ id ] = Object.assign( claims.claim( wish.property, item, rank ), { id } );
	} );
	const items = Object.keys( ids );
	return tried( wish, ( now ) => settle( api, now, now.have, items, ROUNDS ).then( ( plan ) => {
		const written = plan.write;
		const idsOf = ( some ) => each( some, ( item ) => ids[ item ] );
		const result = ( seen, { lastrevid } ) => ( {
			revision: lastrevid || null,
			written,
			tagged: !!written.length && !!now.tag,
			fates: Object.assign( each( items,
				( item ) => plan.present.includes( item ) ? 'redundant' : 'withdrawn' ), seen ),
			guids: idsOf( written.filter(
				( item ) => ![ 'absent', 'returned' ].includes( seen[ item ] ) ) )
		} );
		return !written.length ? result( {}, {} ) : post( api, now, {
			action: 'wbeditentity',
			id: wish.mid,
			// "claims": wbeditentity silently ignores "statements"
			data: JSON.stringify( { claims: written.map( ( item ) => made[ ids[ item ] ] ) } ),
			baserevid: plan.baserevid
		} ).then( ( { entity = {} } ) =>
			verify( api, now, idsOf( written ), {}, ROUNDS, entity.lastrevid )
				.then( ( seen ) => result( seen, entity ) ) );
	} ) );
}

/**
 * Take back a statement of this page: { mid, guid, user, summary, tag } → { revision }, null where
 * an earlier try turns out to have done it. Code "changed" where somebody has changed or removed
 * it.
 */
function undo( api, wish ) {
	const own = made[ wish.guid ];
	const where = Object.assign( {}, wish, own && { property: own.mainsnak.property } );
	return tried( where, ( now ) => read( api, now ).then( ( { entity, baserevid } ) => {
		if ( own && claims.isAsSent( entity, own ) ) {
			return remove( api, now, baserevid, [ wish.guid ] );
		}
		const there = claims.statementsOf( entity, where.property )
			.some( ( { id } ) => id === wish.guid );
		if ( there || !leaving.has( wish.guid ) ) {
			throw refusal( 'changed' );
		}
		return {};
	} ) ).then( ( { pageinfo } ) => ( { revision: ( pageinfo || {} ).lastrevid || null } ),
		( error ) => {
			if ( error.code === 'uncertain' ) {
				leaving.add( wish.guid );
			}
			throw error;
		} );
}

module.exports = { check, save, undo };
