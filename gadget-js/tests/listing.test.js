'use strict';

require( './gadgets.js' );
const assert = require( 'node:assert' );
const test = require( 'node:test' );
const { part } = require( '../src/listing.js' );

const value = ( id ) => [ {
	id: 'M1$x', mainsnak: { snaktype: 'value', datavalue: { value: { id } } }
} ];
const MISSING = { missing: '' };
const page = ( pageid, more ) => Object.assign( {
	pageid, title: 'File:' + pageid + '.png', imageinfo: [ { thumburl: '/' + pageid } ]
}, more );
const mids = ( { files } ) => files.map( ( { mid } ) => mid );

/** A wiki that gives these answers to the queries, one after the other; entities, by id. */
function wiki( entities, ...answers ) {
	const asked = [];
	const get = ( parameters ) => {
		asked.push( parameters );
		if ( parameters.action === 'query' ) {
			return Promise.resolve( answers.shift() );
		}
		const ids = parameters.ids.split( '|' );
		return Promise.resolve( { entities: ids.reduce( ( all, id ) => Object.assign( all,
			{ [ id ]: Object.assign( { id }, entities[ id ] || MISSING ) } ), {} ) } );
	};
	return { asked, get };
}
const whole = ( pages, more ) => Object.assign( { batchcomplete: true, query: { pages } }, more );

test( 'files that say what they depict or reproduce are left out, whatever the statement\'s value', async () => {
	const made = wiki( {
		M1: { statements: { P180: value( 'Q146' ) } },
		M2: { statements: { P180: [ { id: 'M2$x', mainsnak: { snaktype: 'somevalue' } } ] } },
		M3: { statements: { P6243: value( 'Q1' ) } },
		M4: { statements: { P170: value( 'Q1' ) } },
		M5: { statements: [] }
	}, whole( [ 1, 2, 3, 4, 5, 6 ].map( ( id ) => page( id ) ) ) );
	const found = await part( made, 'Cats', {} );
	assert.deepStrictEqual( mids( found ), [ 'M4', 'M5', 'M6' ] );
	assert.strictEqual( found.seen, 6 );
	assert.deepStrictEqual( found.files[ 0 ], { mid: 'M4', title: '4.png', thumb: '/4', work: false } );
	assert.strictEqual( made.asked.length, 2 );
	assert.strictEqual( made.asked[ 0 ].gcmtitle, 'Category:Cats' );
	assert.strictEqual( made.asked[ 1 ].ids, 'M1|M2|M3|M4|M5|M6' );
} );

test( 'a redirect is no file; where no file is left, no entity is asked for', async () => {
	const made = wiki( {}, whole( [ page( 1, { redirect: true } ) ] ) );
	assert.deepStrictEqual( await part( made, 'Cats', {} ), { seen: 1, files: [], rest: null } );
	assert.strictEqual( made.asked.length, 1 );
} );

test( 'files come in the order of their titles, and of the numbers there', async () => {
	const made = wiki( {}, whole( [ page( 10 ), page( 3 ), page( 2 ) ] ) );
	assert.deepStrictEqual( mids( await part( made, 'Cats', {} ) ), [ 'M2', 'M3', 'M10' ] );
} );

test( 'an empty category has no files', async () => {
	const made = wiki( {}, { batchcomplete: true } );
	assert.deepStrictEqual( await part( made, 'Cats', {} ), { seen: 0, files: [], rest: null } );
} );

test( 'one part at a time; the rest is asked for as the wiki says', async () => {
	const rest = { gcmcontinue: 'file|B|9', continue: 'gcmcontinue||' };
	const made = wiki( {}, whole( [ page( 1 ) ], { continue: rest } ), whole( [ page( 2 ) ] ) );
	const first = await part( made, 'Cats', {} );
	assert.deepStrictEqual( first.rest, rest );
	const second = await part( made, 'Cats', first.rest );
	assert.deepStrictEqual( [ mids( second ), second.rest ], [ [ 'M2' ], null ] );
	assert.strictEqual( made.asked[ 2 ].gcmcontinue, 'file|B|9' );
} );

test( 'what the wiki tells in several answers is put together', async () => {
	const made = wiki( {},
		{ continue: { tlcontinue: 'x' }, query: { pages: [ page( 1 ), page( 2, { imageinfo: undefined } ) ] } },
		whole( [ { pageid: 1, templates: [ { title: 'Template:Artwork' } ] }, page( 2 ) ] ) );
	const found = await part( made, 'Cats', {} );
	assert.strictEqual( found.seen, 2 );
	assert.deepStrictEqual( found.files, [
		{ mid: 'M1', title: '1.png', thumb: '/1', work: true },
		{ mid: 'M2', title: '2.png', thumb: '/2', work: false }
	] );
	assert.strictEqual( made.asked[ 1 ].tlcontinue, 'x' );
} );

for ( const [ name, entity ] of Object.entries( {
	'no entity': { id: 'M9' }, 'statements that are none': { statements: 'x' }
} ) ) {
	test( 'what cannot be read is not taken for a file without depicts: ' + name, async () => {
		const made = wiki( { M1: entity }, whole( [ page( 1 ) ] ) );
		await assert.rejects( part( made, 'Cats', {} ), { code: 'strange' } );
	} );
}
