'use strict';

const assert = require( 'node:assert' );
const test = require( 'node:test' );
const explain = require( '../src/explain.js' );

const refused = ( code, ...names ) => explain.unsaved( { code, names, info: 'I' } );

test( 'failed-save is told by the message inside', () => {
	for ( const [ name, key ] of Object.entries( {
		'edit-conflict': 'conflict', actionthrottledtext: 'limited',
		protectedpagetext: 'protected', blockedtext: 'blocked', 'badaccess-groups': 'forbidden'
	} ) ) {
		const told = refused( 'failed-save', 'wikibase-api-failed-save', name );
		assert.strictEqual( told.key, 'suggest-depicts-unsaved-' + key );
		assert.strictEqual( told.again, true );
	}
} );

test( 'a block is told before the permission that it takes away', () => {
	assert.strictEqual( refused( 'permissiondenied', 'wikibase-api-permissiondenied', 'blockedtext' ).key,
		'suggest-depicts-unsaved-blocked' );
} );

test( 'codes of their own', () => {
	for ( const [ code, key ] of Object.entries( {
		assertnameduserfailed: 'login', assertuserfailed: 'login', readonly: 'readonly',
		maxlag: 'maxlag', 'modification-failed': 'no-item', strange: 'strange', http: 'network',
		'internal_api_error_Wikibase\\Lib\\Store\\BadRevisionException': 'conflict'
	} ) ) {
		assert.strictEqual( refused( code ).key, 'suggest-depicts-unsaved-' + key );
	}
} );

test( 'an unknown refusal shows what the wiki said', () => {
	assert.deepStrictEqual( refused( 'constructor' ), {
		type: 'error', title: 'suggest-depicts-unsaved', key: 'suggest-depicts-unsaved-other',
		parameters: [ 'I' ], again: true
	} );
} );

test( 'what may have been saved is not saved again', () => {
	assert.strictEqual( refused( 'uncertain' ).again, false );
} );

test( 'a failure is never "nothing to suggest"', () => {
	for ( const told of [
		explain.silence( { outcome: 'failed', error: 'http-429: slow down' } ),
		explain.silence( { outcome: 'pending', position: 2 } ),
		explain.trouble( { code: 'unreachable' } ), explain.trouble( { code: 'limited' } ),
		explain.trouble( { code: 'down', detail: 'd' } ),
		explain.trouble( { code: 'http', names: [] } )
	] ) {
		assert.doesNotMatch( told.title + told.key, /nothing/ );
	}
	assert.strictEqual( explain.silence( { outcome: 'nothing', reason: 'not-sure' } ).title,
		'suggest-depicts-nothing' );
} );

test( 'a reason that is not known is shown as it is', () => {
	const told = explain.silence( { outcome: 'skipped', reason: 'toString' } );
	assert.deepStrictEqual( [ told.key, told.parameters ],
		[ 'suggest-depicts-unexplained', [ 'toString' ] ] );
} );

test( 'the demonstration model is told of once, above', () => {
	const of = ( ...reasons ) => ( { reasons } );
	const demo = of( 'looks like cat', 'from the tiny demo model, which knows few things' );
	assert.strictEqual( explain.isDemo( [ demo ] ), true );
	assert.strictEqual( explain.isDemo( [ of( 'looks like a model of a demo' ) ] ), false );
	assert.deepStrictEqual( explain.reasons( demo ), [ 'looks like cat' ] );
} );

test( 'only what is certain is 100 %', () => {
	assert.deepStrictEqual( [ 0.874, 0.999, 1 ].map( explain.percent ), [ 87, 99, 100 ] );
} );
