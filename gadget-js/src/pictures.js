/**
 * The items' own pictures. The service gives the names of files; where a thumbnail lies, the wiki
 * knows alone.
 */
'use strict';

/** One of the few widths in which a wiki has thumbnails; for a box of half of it. */
const WIDTH = 120;

const named = ( card ) => typeof card.image === 'string' && card.image !== '';

/** As the wiki writes it in its answer, where it speaks of what it was asked. */
const title = ( card ) => 'File:' + card.image.normalize();

/** Thumbnails by item, '' where there is none; titles are put right, and redirects followed. */
function thumbnails( query, cards ) {
	const steps = [].concat( query.normalized || [], query.redirects || [] );
	const found = {};
	cards.forEach( ( card ) => {
		const last = steps.reduce( ( at, step ) => step.from === at ? step.to : at, title( card ) );
		const page = query.pages.filter( ( one ) => one.title === last )[ 0 ];
		// a file of another repository is "missing", yet has this
		found[ card.item ] = page && page.imageinfo && page.imageinfo[ 0 ].thumburl || '';
	} );
	return found;
}

/**
 * @param {Object} wiki As wiki.js has it.
 * @param {Object[]} cards
 * @return {Promise<Object>} Addresses by item, '' for a file that the wiki does not have. Never
 *  rejects: without its picture an item is as good.
 */
function find( wiki, cards ) {
	const pictured = cards.filter( named );
	return !pictured.length ? Promise.resolve( {} ) : wiki.get( {
		action: 'query', titles: pictured.map( title ), redirects: 1, prop: 'imageinfo',
		iiprop: 'url', iiurlwidth: WIDTH, formatversion: 2
	} ).then( ( answer ) => thumbnails( answer.query, pictured ) ).catch( () => ( {} ) );
}

module.exports = { find };
