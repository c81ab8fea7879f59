/**
 * One save: read again, one edit, verify. Talks to the wiki through an mw.Api-shaped object.
 */
'use strict';

const claims = require( './claims.js' );

/**
 * Read the entity as it is now, and the page's latest revision: a valid base revision for a
 * MediaInfo that does not exist yet, too.
 *
 * @param {Object} api get( parameters ) → Promise.
 * @param {string} mid Such as "M2".
 * @return {Promise<{entity: Object, revision: number}>}
 */
function read( api, mid ) {
	return Promise.all( [
		api.get( { action: 'wbgetentities', ids: mid } ),
		api.get( { action: 'query', prop: 'info', pageids: mid.slice( 1 ), formatversion: 2 } )
	] ).then( ( answers ) => ( {
		entity: answers[ 0 ].entities[ mid ],
		revision: answers[ 1 ].query.pages[ 0 ].lastrevid
	} ) );
}

/**
 * Save the picks as one edit under the person's account.
 *
 * @param {Object} api get( parameters ), postWithEditToken( parameters ) → Promise.
 * @param {{mid: string, picks: string[], user: string, summary: string, tag: string}} wish
 *  tag: empty where the wiki does not have it.
 * @return {Promise<{revision: number|null, written: string[], redundant: string[],
 *  unverified: string[]}>} Rejects as the api does, with nothing written.
 */
function save( api, wish ) {
	return read( api, wish.mid ).then( ( now ) => {
		const planned = claims.plan( now.entity, wish.picks );
		if ( !planned.write.length ) {
			return { revision: null, written: [], redundant: planned.redundant, unverified: [] };
		}
		return api.postWithEditToken( Object.assign( {
			action: 'wbeditentity',
			id: wish.mid,
			// "claims": wbeditentity silently ignores "statements"
			data: JSON.stringify( { claims: planned.write.map( ( item ) => claims.depictsClaim( item ) ) } ),
			baserevid: now.revision,
			assertuser: wish.user,
			summary: wish.summary
		}, wish.tag ? { tags: wish.tag } : {} ) ).then( ( answer ) => read( api, wish.mid ).then( ( after ) => ( {
			revision: answer.entity.lastrevid,
			written: planned.write,
			redundant: planned.redundant,
			unverified: claims.unverified( after.entity, planned.write )
		} ) ) );
	} );
}

module.exports = { save };
