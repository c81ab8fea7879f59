/**
 * The files of a category that do not say what they depict, a part of its list at a time.
 */
'use strict';

const { claims } = require( 'ext.gadget.suggest-depicts-core' );

/** The wiki tells of no more entities at once. */
const MOST = 50;
/** One of the widths that there are. */
const WIDTH = 330;
/** A file with one of these reproduces a work, and has another property; redirects count, too. */
const TEMPLATES = [ 'Artwork', 'Art Photo', 'Book', 'Map' ];

function query( category ) {
	return {
		action: 'query', formatversion: 2, generator: 'categorymembers',
		gcmtitle: 'Category:' + category, gcmtype: 'file', gcmlimit: MOST,
		prop: 'imageinfo|info|templates', iiprop: 'url', iiurlwidth: WIDTH, tllimit: 'max',
		tltemplates: TEMPLATES.map( ( name ) => 'Template:' + name ).join( '|' )
	};
}

/** By title, numbers by value; a page may be in several answers, each with more of it. */
function merged( rows ) {
	const pages = new Map();
	rows.forEach( ( row ) => pages.set( row.pageid,
		Object.assign( pages.get( row.pageid ) || {}, row ) ) );
	return Array.from( pages.values() ).sort(
		( a, b ) => a.title.localeCompare( b.title, undefined, { numeric: true } ) );
}

/** { pages, rest }: those of one part; rest: where the next begins, null at the end. */
function pagesOf( api, asked, from, before ) {
	return api.get( Object.assign( {}, asked, from ) ).then( ( answer ) => {
		const rows = before.concat( answer.query && answer.query.pages || [] );
		const rest = answer.continue || null;
		return rest && !answer.batchcomplete ? pagesOf( api, asked, rest, rows ) :
			{ pages: merged( rows ), rest: rest };
	} );
}

function file( { pageid, title, imageinfo, templates } ) {
	return {
		mid: 'M' + pageid,
		title: title.slice( title.indexOf( ':' ) + 1 ),
		thumb: imageinfo && imageinfo[ 0 ].thumburl || '',
		work: !!templates
	};
}

function isSilent( entity ) {
	return ![ undefined, claims.REPRESENTS ]
		.some( ( property ) => claims.statementsOf( entity, property ).length );
}

/** Those without statements of what they depict or reproduce. */
function silent( api, files ) {
	return !files.length ? Promise.resolve( [] ) : api.get( {
		action: 'wbgetentities', props: 'claims', ids: files.map( ( { mid } ) => mid ).join( '|' )
	} ).then( ( { entities } ) => files.filter( ( { mid } ) => {
		const entity = ( entities || {} )[ mid ];
		if ( !claims.isReadable( entity, mid ) ) {
			throw { code: 'strange', names: [], info: '' };
		}
		return isSilent( entity );
	} ) );
}

/**
 * @param {Object} api As wiki.js has it.
 * @param {string} category Without its namespace.
 * @param {Object} from {} for the first part, else the rest of the one before.
 * @return {Promise<Object>} seen: how many files were looked at; files: { mid, title, thumb, work }
 *  of those that say nothing; work: whether it reproduces one; rest: null at the end. Rejects as
 *  wiki.js does.
 */
function part( api, category, from ) {
	return pagesOf( api, query( category ), from, [] ).then( ( { pages, rest } ) =>
		silent( api, pages.filter( ( { redirect } ) => !redirect ).map( file ) )
			.then( ( files ) => ( { seen: pages.length, files: files, rest: rest } ) ) );
}

module.exports = { part };
