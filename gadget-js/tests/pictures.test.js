'use strict';

const assert = require( 'node:assert' );
const test = require( 'node:test' );
const pictures = require( '../src/pictures.js' );
const { images } = require( './recorded.json' );

const RED = 'https://wiki.test/images/thumb/6/64/Red_cat.png/120px-Red_cat.png';
const TABLE = 'https://wiki.test/images/thumb/0/0e/Tisch_%C3%A4.png/120px-Tisch_%C3%A4.png';

const card = ( item, image ) => ( { item, label: item, image } );

function wiki( answer ) {
	const asked = [];
	return { asked, get: ( parameters ) => {
		asked.push( parameters );
		return answer instanceof Error ? Promise.reject( answer ) : Promise.resolve( answer );
	} };
}

test( 'one question for all, in a width that the wiki has', async () => {
	const made = wiki( images.answer );
	await pictures.find( made, [ card( 'Q1', 'red_cat.png' ), card( 'Q2', 'Gone.png' ) ] );
	assert.deepStrictEqual( made.asked, [ {
		action: 'query', titles: [ 'File:red_cat.png', 'File:Gone.png' ], redirects: 1,
		prop: 'imageinfo', iiprop: 'url', iiurlwidth: 120, formatversion: 2
	} ] );
} );

test( 'as recorded: a title put right, redirects, what is missing, what is no title', async () => {
	const names = images.titles.map( ( title ) => title.slice( 'File:'.length ) );
	const cards = names.map( ( name, n ) => card( 'Q' + n, name ) );
	assert.deepStrictEqual( await pictures.find( wiki( images.answer ), cards ),
		{ Q0: RED, Q1: RED, Q2: TABLE, Q3: '', Q4: '' } );
} );

test( 'a name is compared as the wiki composes it', async () => {
	const found = await pictures.find( wiki( images.answer ), [ card( 'Q1', 'Tisch a\u0308.png' ) ] );
	assert.deepStrictEqual( found, { Q1: TABLE } );
} );

test( 'a file of another repository is missing, yet has a picture', async () => {
	const page = { title: 'File:A.png', missing: true, known: true, imageinfo: [ { thumburl: RED } ] };
	const made = wiki( { query: { pages: [ page ] } } );
	assert.deepStrictEqual( await pictures.find( made, [ card( 'Q1', 'A.png' ) ] ), { Q1: RED } );
} );

test( 'nobody is asked where no item has an image', async () => {
	const made = wiki( images.answer );
	const cards = [ null, undefined, '' ].map( ( image, n ) => card( 'Q' + n, image ) );
	assert.deepStrictEqual( await pictures.find( made, cards ), {} );
	assert.deepStrictEqual( await pictures.find( made, [] ), {} );
	assert.deepStrictEqual( made.asked, [] );
} );

test( 'a wiki that refuses or talks nonsense leaves the items without', async () => {
	for ( const answer of [ new Error( 'http' ), {}, null, { query: {} }, { query: { pages: 5 } } ] ) {
		assert.deepStrictEqual(
			await pictures.find( wiki( answer ), [ card( 'Q1', 'A.png' ) ] ), {} );
	}
	for ( const row of [ null, [], [ {} ], [ { thumburl: null } ] ] ) {
		const page = { title: 'File:A.png', imageinfo: row };
		const made = wiki( { query: { pages: [ page ] } } );
		const found = await pictures.find( made, [ card( 'Q1', 'A.png' ) ] );
		assert.ok( !found.Q1 );
	}
	for ( const strange of [ 5, {}, [ 'A.png' ], true ] ) {
		const found = await pictures.find( wiki( images.answer ), [ card( 'Q1', strange ) ] );
		assert.deepStrictEqual( found, { Q1: '' } );
	}
} );
