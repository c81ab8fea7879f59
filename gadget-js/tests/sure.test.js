'use strict';

const assert = require( 'node:assert' );
const test = require( 'node:test' );
const sure = require( '../src/sure.js' );

test( 'the demonstration model is told of once, above', () => {
	const of = ( ...reasons ) => ( { reasons } );
	const demo = of( 'looks like cat', 'from the tiny demo model, which knows few things' );
	assert.strictEqual( sure.isDemo( [ demo ] ), true );
	assert.strictEqual( sure.isDemo( [ of( 'looks like a model of a demo' ) ] ), false );
	assert.deepStrictEqual( sure.reasons( demo ), [ 'looks like cat' ] );
} );

test( 'only what is certain is 100 %', () => {
	assert.deepStrictEqual( [ 0.874, 0.999, 1 ].map( sure.percent ), [ 87, 99, 100 ] );
} );

test( 'a percentage is never more than is true, and the word is that of the number', () => {
	for ( const [ share, percent, words ] of [
		[ 0.796, 79, 'sure-3' ], [ 0.846, 84, 'sure-3' ], [ 0.85, 85, 'sure-4' ],
		[ 0.949, 94, 'sure-4' ], [ 0.29, 29, 'sure-1' ], [ 0.58, 58, 'sure-2' ]
	] ) {
		assert.strictEqual( sure.percent( share ), percent );
		assert.strictEqual( sure.sureness( share ), words );
	}
} );

test( 'an item that a person found has no percentage', () => {
	assert.ok( !( sure.percent( undefined ) >= 0 ) );
} );
