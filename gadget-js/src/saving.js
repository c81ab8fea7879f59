/**
 * One save: read again, one edit, verify. Talks to the wiki through an mw.Api-shaped object.
 */
'use strict';

const claims = require( './claims.js' );

/**
 * Read the page's latest revision (a valid base revision for a MediaInfo that does not exist yet,
 * too), and then the entity. In this order the base is never newer than what was looked at: an
 * edit between the two makes it older, and the wiki notices.
 *
 * @param {Object} api get( parameters ) → Promise.
 * @param {string} mid Such as "M2".
 * @return {Promise<{entity: Object, revision: number}>}
 */
function read( api, mid ) {
	return api.get( {
		action: 'query', prop: 'info', pageids: mid.slice( 1 ), formatversion: 2
	} ).then( ( info ) => readEntity( api, mid ).then( ( entity ) => ( {
		entity: entity,
		revision: info.query.pages[ 0 ].lastrevid
	} ) ) );
}

function readEntity( api, mid ) {
	return api.get( { action: 'wbgetentities', ids: mid } )
		.then( ( answer ) => answer.entities[ mid ] );
}

/**
 * Look whether the claims are there. The edit exists by now, so a failed read is no failed save.
 *
 * @param {Object} api get( parameters ) → Promise.
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
 * Save the picks as one edit under the person's account.
 *
 * @param {Object} api get( parameters ), postWithEditToken( parameters ) → Promise.
 * @param {{mid: string, picks: string[], user: string, summary: string, tag: string}} wish
 *  tag: empty where the wiki does not have it.
 * @return {Promise<{revision: number|null, written: string[], redundant: string[],
 *  verified: boolean, unverified: string[]|null}>} unverified: null where the read after the edit
 *  failed. Rejects as the api does, with nothing written.
 */
function save( api, wish ) {
	return read( api, wish.mid ).then( ( now ) => {
		const planned = claims.plan( now.entity, wish.picks );
		if ( !planned.write.length ) {
			return {
				revision: null, written: [], redundant: planned.redundant,
				verified: true, unverified: []
			};
		}
		return api.postWithEditToken( Object.assign( {
			action: 'wbeditentity',
			id: wish.mid,
			// "claims": wbeditentity silently ignores "statements"
			data: JSON.stringify( { claims: planned.write.map( ( item ) => claims.depictsClaim( item ) ) } ),
			baserevid: now.revision,
			assertuser: wish.user,
			maxlag: 5,
			summary: wish.summary
		}, wish.tag ? { tags: wish.tag } : {} ) ).then( ( answer ) => verify( api, wish.mid, planned.write )
			.then( ( seen ) => Object.assign( {
				revision: answer.entity.lastrevid,
				written: planned.write,
				redundant: planned.redundant
			}, seen ) ) );
	} );
}

module.exports = { save };
