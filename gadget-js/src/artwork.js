/**
 * A file that reproduces an artwork says so by a property of its own. Which work it is stands in
 * the template on the file's page. Pure but for the wiki that it is given.
 */
'use strict';

const { asking, claims } = require( 'ext.gadget.suggest-depicts-core' );

const { REPRESENTS } = claims;
/** Templates that describe a work; as the service knows them. */
const TEMPLATE = /\{\{\s*(?:artwork|art[ _]photo|book|map)\s*[|}]/gi;

/** The template that begins here, without the braces around it; '' where it never ends. */
function templateAt( text, start ) {
	const braces = /\{\{|\}\}/g;
	let depth = 0;
	let found;
	braces.lastIndex = start;
	while ( ( found = braces.exec( text ) ) ) {
		depth += found[ 0 ] === '{{' ? 1 : -1;
		if ( !depth ) {
			return text.slice( start + 2, found.index );
		}
	}
	return '';
}

/** Without templates and links, which have bars of their own. */
function flat( text ) {
	const less = text.replace( /\{\{[^{}]*\}\}|\[\[[^[\]]*\]\]/g, '' );
	return less === text ? text : flat( less );
}

/**
 * @param {string} wikitext Of a file's page.
 * @return {string} The item of the work that it reproduces; '' where it names none, or several.
 */
function named( wikitext ) {
	const text = wikitext.replace( /<!--[\s\S]*?-->/g, '' );
	const items = new Set();
	let start;
	TEMPLATE.lastIndex = 0;
	while ( ( start = TEMPLATE.exec( text ) ) ) {
		const item = /\|\s*wikidata\s*=\s*(Q[1-9][0-9]*)\s*(?:\||$)/i
			.exec( flat( templateAt( text, start.index ) ) );
		if ( item ) {
			items.add( item[ 1 ].toUpperCase() );
		}
	}
	return items.size === 1 ? Array.from( items )[ 0 ] : '';
}

/** The item as a suggestion, which nobody is more or less sure of; null without a label. */
function described( wiki, item, language ) {
	return wiki.get( {
		action: 'wbgetentities', ids: item, props: 'labels|descriptions', languages: language,
		languagefallback: 1
	} ).then( ( answer ) => {
		const found = answer && answer.entities && answer.entities[ item ] || {};
		const said = ( what ) => found[ what ] && found[ what ][ language ] &&
			found[ what ][ language ].value || '';
		return !said( 'labels' ) ? null : {
			item: item, label: said( 'labels' ),
			label_language: found.labels[ language ].language, description: said( 'descriptions' ),
			kind: null, reasons: [], more_specific_than: [],
			url: 'https://www.wikidata.org/wiki/' + item
		};
	} );
}

function contentOf( answer ) {
	const page = answer && answer.query && answer.query.pages && answer.query.pages[ 0 ];
	const revision = page && page.revisions && page.revisions[ 0 ];
	return revision && revision.slots && revision.slots.main.content || '';
}

/**
 * @param {Object} wiki As wiki.js has it.
 * @param {Object} page As page.js has it.
 * @return {Promise<Object|null>} An answer as the service gives it, with the property to save;
 *  null where the page names no work. Rejects as wiki.js does.
 */
function offer( wiki, page ) {
	return wiki.get( {
		action: 'query', prop: 'revisions', rvprop: 'content', rvslots: 'main',
		pageids: page.mid.slice( 1 ), formatversion: 2
	} ).then( ( answer ) => {
		const item = named( contentOf( answer ) );
		return !item ? null : asking.readEntity( wiki, page.mid, REPRESENTS ).then( ( entity ) => {
			const have = claims.depicted( entity, REPRESENTS );
			// a file represents one work, whichever
			return have.length ?
				{ outcome: 'nothing', reason: 'already-there', suggestions: [] } :
				described( wiki, item, page.language ).then( ( one ) => one && {
					outcome: 'suggested', property: REPRESENTS, token: '', model_version: '',
					suggestions: [ one ], have: have
				} );
		} );
	} );
}

module.exports = { named, offer };
