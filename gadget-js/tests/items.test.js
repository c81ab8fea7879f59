'use strict';

const assert = require( 'node:assert' );
const test = require( 'node:test' );
const items = require( '../src/items.js' );

const WANTED = { language: 'de', have: [ 'Q1', 'Q2' ], url: 'https://items.test/' };
const CARD = {
	item: 'Q5', label: 'Tisch', label_language: 'mul', description: '', kind: null, image: null,
	reasons: [],
	more_specific_than: [], url: 'https://items.test/Q5'
};

function service( answer ) {
	const asked = [];
	return { asked, request: ( path ) => {
		asked.push( path );
		return answer instanceof Error ? Promise.reject( answer ) : Promise.resolve( { body: answer } );
	} };
}

test( 'neighbours are asked for one way, beside what the file has', async () => {
	const found = { item: 'Q5', label: 'Tisch', label_language: 'mul' };
	const made = service( { more_general: [ found ], more_specific: [] } );
	assert.deepStrictEqual( await items.neighbours( made, 'Q9', 'more_general', WANTED ), [ CARD ] );
	assert.deepStrictEqual( made.asked, [ 'items/Q9/neighbours?lang=de&have=Q1%7CQ2' ] );
} );

test( 'words are sent as they are, with the language alone', async () => {
	const made = service( { items: [] } );
	assert.deepStrictEqual( await items.search( made, 'a&b c', WANTED ), [] );
	assert.deepStrictEqual( made.asked, [ 'items?search=a%26b%20c&lang=de' ] );
} );

test( 'an address that the service gives is not followed', async () => {
	const made = service( { items: [ {
		item: 'Q5', label: 'Tisch', description: 'Möbel', kind: { item: 'Q6', label: 'Ding' },
		image: 'Tisch.jpg',
		url: 'javascript:alert(1)'
	} ] } );
	const [ card ] = await items.search( made, 'Tisch', WANTED );
	assert.strictEqual( card.url, 'https://items.test/Q5' );
	assert.strictEqual( card.description, 'Möbel' );
	assert.strictEqual( card.image, 'Tisch.jpg' );
	assert.strictEqual( card.kind.label, 'Ding' );
} );

for ( const body of [
	null, {}, { items: {} }, { items: [ { item: 'Q5' } ] }, { items: [ { item: 'P5', label: 'x' } ] },
	{ items: [ { item: [ 'Q5' ], label: 'x' } ] }, { items: [ { item: 'Q5', label: '' } ] }, { items: [ null ] }
] ) {
	test( 'half an answer is none: ' + JSON.stringify( body ), async () => {
		await assert.rejects( items.search( service( body ), 'x', WANTED ), { code: 'garbage' } );
	} );
}

test( 'an item that the service does not know has no neighbours; any other failure is told', async () => {
	const failed = ( code ) => service( Object.assign( new Error(), { code } ) );
	assert.deepStrictEqual( await items.neighbours( failed( 'unknown' ), 'Q9', 'more_general', WANTED ), [] );
	await assert.rejects( items.neighbours( failed( 'timeout' ), 'Q9', 'more_general', WANTED ),
		{ code: 'timeout' } );
} );
