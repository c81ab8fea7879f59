/** The items' own pictures: the service names files, where thumbnails lie the wiki knows alone. */
'use strict';

/** As the wiki composes its letters. */
const title = ( card ) => ( 'File:' + card.image ).normalize();

function thumbnail( query, asked ) {
	// put right, and redirected
	const last = [].concat( query.normalized || [], query.redirects || [] )
		.reduce( ( at, step ) => step.from === at ? step.to : at, asked );
	// a file of another repository is "missing", yet has this
	const page = query.pages.filter( ( one ) => one.title === last && one.imageinfo )[ 0 ];
	return page ? page.imageinfo[ 0 ].thumburl : '';
}

/**
 * Addresses by item, '' for a file that the wiki does not have. Never rejects: without its picture
 * an item is as good.
 */
function find( wiki, cards ) {
	const pictured = cards.filter( ( one ) => one.image );
	return pictured.length ? wiki.get( {
		action: 'query', titles: pictured.map( title ), redirects: 1, prop: 'imageinfo',
		// wikis have few widths; for a box of half of it
		iiprop: 'url', iiurlwidth: 120, formatversion: 2
	} ).then( ( { query } ) => pictured.reduce( ( all, one ) => Object.assign( all,
		{ [ one.item ]: thumbnail( query, title( one ) ) } ), {} ) ).catch( () => ( {} ) ) :
		Promise.resolve( {} );
}

module.exports = { find };
