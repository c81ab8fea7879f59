'use strict';

const assert = require( 'node:assert' );
const test = require( 'node:test' );
const explain = require( '../src/explain.js' );

const refused = ( code, ...names ) => explain.unsaved( { code, names, info: 'I' } );

test( 'failed-save is told by the message inside', () => {
	for ( const [ name, key ] of Object.entries( {
		'edit-conflict': 'conflict', actionthrottledtext: 'limited',
		protectedpagetext: 'protected', blockedtext: 'blocked', 'badaccess-groups': 'group'
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
		assertnameduserfailed: 'account', assertuserfailed: 'login', readonly: 'readonly',
		maxlag: 'maxlag', 'modification-failed': 'no-item', strange: 'strange', http: 'network',
		'internal_api_error_Wikibase\\Lib\\Store\\BadRevisionException': 'created'
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

test( 'an uncertain end says whether the wiki was silent or said something', () => {
	assert.strictEqual( explain.unsaved( { code: 'uncertain', info: '' } ).key, 'uncertain-why' );
	const told = explain.unsaved( { code: 'uncertain', info: 'database error' } );
	assert.deepStrictEqual( [ told.key, told.parameters ],
		[ 'uncertain-error', [ 'database error' ] ] );
} );

for ( const [ fates, written, key, type, items ] of [
	[ { Q1: 'saved', Q2: 'redundant' }, [ 'Q1' ], 'saved', 'success', [ 'Q1' ] ],
	[ { Q1: 'saved', Q2: 'returned' }, [ 'Q1', 'Q2' ], 'saved', 'success', [ 'Q1' ] ],
	[ { Q1: 'saved', Q2: 'twice' }, [ 'Q1', 'Q2' ], 'saved-unconfirmed', 'warning', [ 'Q2' ] ],
	[ { Q1: 'absent' }, [ 'Q1' ], 'saved-unconfirmed', 'warning', [ 'Q1' ] ],
	[ { Q1: 'unread' }, [ 'Q1' ], 'saved-unconfirmed', 'warning', [ 'Q1' ] ],
	[ { Q1: 'returned' }, [ 'Q1' ], 'saved-overtaken', 'notice', [] ],
	[ { Q1: 'redundant', Q2: 'withdrawn' }, [], 'saved-nothing', 'notice', [] ]
] ) {
	test( 'how a save ended: ' + JSON.stringify( fates ), () => {
		assert.deepStrictEqual( explain.saved( { written, fates } ), { type, key, items } );
	} );
}
