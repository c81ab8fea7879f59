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
		assert.strictEqual( told.key, 'unsaved-' + key );
		assert.strictEqual( told.again, true );
	}
} );

test( 'a block is told before the permission that it takes away', () => {
	assert.strictEqual( refused( 'permissiondenied', 'wikibase-api-permissiondenied', 'blockedtext' ).key,
		'unsaved-blocked' );
} );

test( 'codes of their own', () => {
	for ( const [ code, key ] of Object.entries( {
		assertnameduserfailed: 'login', assertuserfailed: 'login', readonly: 'readonly',
		maxlag: 'maxlag', 'modification-failed': 'no-item', strange: 'strange', http: 'network',
		'internal_api_error_Wikibase\\Lib\\Store\\BadRevisionException': 'conflict'
	} ) ) {
		assert.strictEqual( refused( code ).key, 'unsaved-' + key );
	}
} );

test( 'an unknown refusal shows what the wiki said', () => {
	assert.deepStrictEqual( refused( 'constructor' ), {
		type: 'error', title: 'unsaved', key: 'unsaved-other',
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
		explain.silence( { outcome: 'paused', reason: 'why' } ),
		explain.trouble( { code: 'unreachable' } ), explain.trouble( { code: 'limited' } ),
		explain.trouble( { code: 'down', detail: 'd' } ),
		explain.trouble( { code: 'http', names: [] } )
	] ) {
		assert.doesNotMatch( told.title + told.key, /nothing/ );
	}
	assert.strictEqual( explain.silence( { outcome: 'nothing', reason: 'not-sure' } ).title,
		'nothing' );
} );

test( 'a reason that is not known is shown as it is', () => {
	const told = explain.silence( { outcome: 'skipped', reason: 'toString' } );
	assert.deepStrictEqual( [ told.key, told.parameters ],
		[ 'unexplained', [ 'toString' ] ] );
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

test( 'a percentage is never more than is true, and the word is that of the number', () => {
	for ( const [ share, percent, words ] of [
		[ 0.796, 79, 'sure-3' ], [ 0.846, 84, 'sure-3' ], [ 0.85, 85, 'sure-4' ],
		[ 0.949, 94, 'sure-4' ], [ 0.29, 29, 'sure-1' ], [ 0.58, 58, 'sure-2' ]
	] ) {
		assert.strictEqual( explain.percent( share ), percent );
		assert.strictEqual( explain.sureness( share ), words );
	}
} );

test( 'an uncertain end says whether the wiki was silent or said something', () => {
	assert.strictEqual( explain.unsaved( { code: 'uncertain', info: '' } ).key, 'uncertain-why' );
	const told = explain.unsaved( { code: 'uncertain', info: 'database error' } );
	assert.deepStrictEqual( [ told.key, told.parameters ],
		[ 'uncertain-error', [ 'database error' ] ] );
} );
