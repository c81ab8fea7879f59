/**
 * Lists of items that the service gives: what words name, what lies around an item. Pure but for
 * the service that it is given.
 */
'use strict';

const ITEM = /^Q[1-9][0-9]*$/;
/** The service takes no more. */
const MOST_HAVE = 500;

const isText = ( value ) => typeof value === 'string';

function isItem( one ) {
	return !!one && isText( one.item ) && ITEM.test( one.item ) && isText( one.label ) &&
		one.label !== '';
}

/** As the dialog shows it: whatever is missing or strange is left out. */
function card( one, url ) {
	return {
		item: one.item,
		label: one.label,
		label_language: one.label_language,
		description: isText( one.description ) ? one.description : '',
		kind: isItem( one.kind ) ? one.kind : null,
		image: isText( one.image ) ? one.image : null,
		reasons: [],
		more_specific_than: [],
		url: url + one.item
	};
}

function list( service, path, name, url ) {
	return service.request( 'items' + path ).then( ( answer ) => {
		const found = answer.body && answer.body[ name ];
		if ( !Array.isArray( found ) || !found.every( isItem ) ) {
			throw { code: 'garbage', detail: '' };
		}
		return found.map( ( one ) => card( one, url ) );
	} );
}

/**
 * @param {Object} service As service.js has it.
 * @param {string} item
 * @param {string} way "more_general" or "more_specific".
 * @param {{language: string, have: string[], url: string}} wanted have: items that the file
 *  names; url: what an item's id is put behind.
 * @return {Promise<Object[]>} Cards, the nearest first; none where the service knows nothing around
 *  the item. Rejects as service.js does.
 */
function neighbours( service, item, way, wanted ) {
	return list( service, '/' + item + '/neighbours?lang=' +
		encodeURIComponent( wanted.language ) + '&have=' +
		encodeURIComponent( wanted.have.slice( 0, MOST_HAVE ).join( '|' ) ), way, wanted.url
	).then( null, ( error ) => {
		if ( error.code === 'unknown' ) {
			return [];
		}
		throw error;
	} );
}

/**
 * @param {Object} service As service.js has it.
 * @param {string} words
 * @param {{language: string, url: string}} wanted As above.
 * @return {Promise<Object[]>} Cards, best first. Rejects as service.js does.
 */
function search( service, words, wanted ) {
	return list( service, '?search=' + encodeURIComponent( words ) + '&lang=' +
		encodeURIComponent( wanted.language ), 'items', wanted.url );
}

module.exports = { neighbours, search };
