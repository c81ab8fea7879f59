'use strict';

const assert = require( 'node:assert' );
const test = require( 'node:test' );
const { client } = require( '../src/wiki.js' );

/** As jQuery's promises: callbacks get several values, and `await` sees the first alone. */
const jquery = ( kind, ...values ) => ( {
	then: ( done, failed ) => ( kind === 'done' ? done : failed )( ...values )
} );

// a browser's
global.DOMParser = class {
	parseFromString( html, type ) {
		assert.strictEqual( type, 'text/html' );
		return { body: { textContent: ` as a text: ${ html } ` } };
	}
};

test( 'an answer is handed on', async () => {
	const asked = [];
	const wiki = client( { get: ( parameters ) => {
		asked.push( parameters );
		return jquery( 'done', { batchcomplete: true }, {} );
	} } );
	assert.deepStrictEqual( await wiki.get( { a: 1 } ), { batchcomplete: true } );
	assert.deepStrictEqual( asked, [ { a: 1 } ] );
} );

test( 'a refusal keeps its code and the messages inside', async () => {
	const messages = [
		{ name: 'wikibase-api-failed-save', parameters: [], html: { '*': '…' } },
		{ name: 'edit-conflict', parameters: [], html: { '*': '…' } }
	];
	const answer = { error: { code: 'failed-save', info: 'The save has failed.', messages } };
	const wiki = client( { postWithEditToken: () => jquery( 'failed', 'failed-save', answer ) } );
	await assert.rejects( wiki.postWithEditToken( {} ), {
		code: 'failed-save', info: 'as a text: …',
		names: [ 'wikibase-api-failed-save', 'edit-conflict' ]
	} );
} );

test( 'messages keyed by number, as older answers have them, are read too', async () => {
	const messages = { 0: { name: 'blockedtext' }, html: { '*': '…' } };
	const wiki = client( { get: () => jquery( 'failed', 'failed-save', { error: { messages } } ) } );
	await assert.rejects( wiki.get( {} ), { names: [ 'blockedtext' ] } );
} );

test( 'a limit that is told by the status alone is one', async () => {
	const wiki = client( { get: () => jquery( 'failed', 'http', { xhr: { status: 429 } } ) } );
	await assert.rejects( wiki.get( {} ), { code: 'ratelimited' } );
} );

test( 'a lost request has a code and nothing else', async () => {
	const wiki = client( { get: () => jquery( 'failed', 'http', { textStatus: 'timeout' } ) } );
	await assert.rejects( wiki.get( {} ), { code: 'http', names: [], info: '' } );
} );
