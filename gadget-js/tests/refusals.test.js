'use strict';

const assert = require( 'node:assert' );
const test = require( 'node:test' );
const refusals = require( '../src/refusals.js' );
const wiki = require( '../src/wiki.js' );
const { recorded } = require( './simulated_wiki.js' );

/** As wiki.js makes it of an answer. */
function error( { answer } ) {
	const code = answer.error.code;
	return wiki.client( { get: () => ( { then: ( done, failed ) => failed( code, answer ) } ) } )
		.get( {} ).then( () => assert.fail( 'an answer' ), ( made ) => made );
}

for ( const one of recorded.errors ) {
	test( `line ${ one.line } of the recording is "${ one.reason }", and wrote nothing`, async () => {
		const made = await error( one );
		assert.strictEqual( refusals.reason( made ), one.reason );
		assert.strictEqual( refusals.isRefusal( made ), true );
	} );
}

test( 'each error that Commons is known for keeps a reason of its own', () => {
	const known = {
		badtoken: 'token', assertuserfailed: 'login', assertnameduserfailed: 'account',
		readonly: 'readonly', maxlag: 'maxlag', badtags: 'tag', 'modification-failed': 'no-item',
		'no-such-entity': 'no-file', nosuchrevid: 'no-revision', 'invalid-claim': 'claim',
		mustpostparams: 'post', permissiondenied: 'forbidden',
		'internal_api_error_Wikibase\\Lib\\Store\\BadRevisionException': 'created'
	};
	const inside = {
		'edit-conflict': 'conflict', actionthrottledtext: 'limited', blockedtext: 'blocked',
		protectedpagetext: 'protected', 'badaccess-groups': 'group'
	};
	const found = Object.keys( known ).map( ( code ) => refusals.reason( { code, names: [] } ) )
		.concat( Object.keys( inside ).map( ( name ) => refusals.reason(
			{ code: 'failed-save', names: [ 'wikibase-api-failed-save', name, 'permissionserrors' ] } ) ) );
	assert.deepStrictEqual( found, Object.values( known ).concat( Object.values( inside ) ) );
	assert.strictEqual( new Set( found ).size, found.length );
} );

for ( const code of [
	'http', 'uncertain', 'never-heard-of', 'ok-but-empty', 'internal_api_error_DBQueryError',
	'internal_api_error_NotBadRevisionException', 'toString', undefined
] ) {
	test( `after "${ code }" the edit may exist`, () => {
		assert.strictEqual( refusals.isRefusal( { code, names: [ 'edit-conflict' ] } ), false );
	} );
}

test( 'what has no reason has the last one', () => {
	assert.strictEqual( refusals.reason( { code: 'never-heard-of', names: [] } ), 'other' );
	assert.strictEqual( refusals.reason( new TypeError( 'of ours' ) ), 'other' );
	assert.strictEqual( refusals.reason( { code: 'http', names: [] } ), 'network' );
} );
