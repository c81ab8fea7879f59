'use strict';

const assert = require( 'node:assert' );
const test = require( 'node:test' );
const claims = require( '../src/claims.js' );
const { Wiki, recorded } = require( './simulated_wiki.js' );

const M2 = recorded.edited.answer.entity;
const MERGED = recorded.read.answer.entities.M2;
const M5 = recorded.somevalue.answer.entities.M5;

test( 'recorded entities are read: missing, emptied, with an unknown value', () => {
	const missing = recorded.missing.answer.entities.M2;
	const emptied = recorded.emptied.answer.entities.M2;
	for ( const [ entity, mid, items ] of [
		[ missing, 'M2', [] ], [ emptied, 'M2', [] ], [ M2, 'M2', [ 'Q146', 'Q729' ] ],
		[ M5, 'M5', [ 'Q41207' ] ]
	] ) {
		assert.strictEqual( claims.isReadable( entity, mid ), true );
		assert.deepStrictEqual( claims.depicted( entity ), items );
	}
} );

test( 'statements of another property are others', () => {
	const wiki = new Wiki( [ 'Q146' ] );
	const id = wiki.add( 'Q12418', 'P6243' );
	const entity = wiki.entity( wiki.now );
	assert.deepStrictEqual( claims.depicted( entity ), [ 'Q146' ] );
	assert.deepStrictEqual( claims.depicted( entity, 'P6243' ), [ 'Q12418' ] );
	assert.deepStrictEqual( claims.guids( entity, 'Q12418', 'P6243' ), [ id ] );
	assert.deepStrictEqual( claims.guids( entity, 'Q12418' ), [] );
	assert.strictEqual( claims.fate( entity, 'Q146', 'P6243' ), 'absent' );
	assert.strictEqual( claims.fate( entity, 'Q146' ), 'saved' );
} );

test( 'what is there twice has two ids, the older first, as recorded', () => {
	assert.deepStrictEqual( claims.guids( MERGED, 'Q144' ), [
		'M2$CB2D00F7-C030-4264-9F64-0212A88EFDF5', 'M2$0B792990-8888-4DBB-9998-F1450AC7E2F7'
	] );
	assert.strictEqual( claims.fate( MERGED, 'Q144' ), 'twice' );
} );

test( 'a claim is what the recorded wiki took, by rank', () => {
	const sent = JSON.stringify( claims.claim( 'P180', 'Q41207', 'preferred' ) );
	const found = JSON.parse( sent );
	const kept = recorded.preferred.answer.entity.statements.P180[ 0 ];
	assert.strictEqual( found.rank, kept.rank );
	assert.strictEqual( found.mainsnak.datavalue.value.id, kept.mainsnak.datavalue.value.id );
	assert.deepStrictEqual( Object.keys( found ).sort(), [ 'mainsnak', 'rank', 'type' ] );
	assert.strictEqual( claims.claim( 'P6243', 'Q1' ).mainsnak.property, 'P6243' );
	assert.strictEqual( claims.claim( undefined, 'Q1' ).mainsnak.property, 'P180' );
	assert.strictEqual( claims.claim( 'P180', 'Q1' ).rank, 'normal' );
} );

test( 'an id is a UUID of the file, of version 8, and never the same', () => {
	const ids = Array.from( { length: 1000 }, () => claims.newGuid( 'M2' ) );
	ids.forEach( ( id ) => assert.match( id,
		/^M2\$[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/ ) );
	assert.strictEqual( new Set( ids ).size, ids.length );
} );

// --- of two statements of one value ---

const made = () => Object.assign( claims.claim( 'P180', 'Q146' ), { id: claims.newGuid( 'M2' ) } );

function entity( ...statements ) {
	return { id: 'M2', statements: { P180: statements } };
}

function theirs() {
	const wiki = new Wiki( [ 'Q146' ] );
	return wiki.statements[ 0 ];
}

test( 'beside somebody else\'s, earlier or later, ours is one too many', () => {
	const [ ours, other ] = [ made(), theirs() ];
	assert.strictEqual( claims.outcome( entity( other, ours ), ours ), 'twice' );
	assert.strictEqual( claims.outcome( entity( ours, other ), ours ), 'twice' );
	assert.strictEqual( claims.outcome( entity( ours ), ours ), 'saved' );
	assert.strictEqual( claims.outcome( entity( other ), ours ), 'saved' );
	assert.strictEqual( claims.outcome( entity( other ), ours, true ), 'returned' );
	assert.strictEqual( claims.outcome( entity(), ours, true ), 'absent' );
} );

test( 'of two of this gadget exactly one goes', () => {
	const [ first, second ] = [ made(), made() ];
	const both = entity( first, second );
	assert.strictEqual( claims.outcome( both, first ), 'saved' );
	assert.strictEqual( claims.outcome( both, second ), 'twice' );
} );

test( 'a statement is as it was sent until somebody touches it', () => {
	const ours = made();
	const there = ( more ) => claims.isAsSent( entity( theirs(), Object.assign( {}, ours, more ) ), ours );
	assert.strictEqual( there( {} ), true );
	assert.strictEqual( there( { qualifiers: {}, references: [] } ), true );
	assert.strictEqual( there( { rank: 'preferred' } ), false );
	assert.strictEqual( there( { qualifiers: { P518: [ {} ] } } ), false );
	assert.strictEqual( there( { references: [ {} ] } ), false );
	assert.strictEqual( there( { mainsnak: claims.claim( 'P180', 'Q144' ).mainsnak } ), false );
	assert.strictEqual( there( { id: 'M2$other' } ), false );
} );
