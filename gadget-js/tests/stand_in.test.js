'use strict';

// the stand-in for mw that the embedded wiki's pages carry: it must not offer what a real page
// would offer only to those who depend on the module

const assert = require( 'node:assert' );
const fs = require( 'node:fs' );
const path = require( 'node:path' );
const test = require( 'node:test' );
const vm = require( 'node:vm' );

const FILE = path.join( __dirname, '../../tests/sandbox/static/mw.js' );
const DATA = {
	config: { wgUserName: 'Reviewer', wgUserLanguage: 'de', wgScriptPath: '/w' },
	modules: {}, load: [], tokens: { csrf: 't' }
};

function page( language = 'de' ) {
	const window = {};
	const data = { ...DATA, config: { ...DATA.config, wgUserLanguage: language } };
	const document = { getElementById: () => ( { textContent: JSON.stringify( data ) } ) };
	vm.runInNewContext( fs.readFileSync( FILE, 'utf8' ), { window, document, Intl, Promise, URLSearchParams } );
	return window.mw;
}

for ( const [ module, part ] of Object.entries( {
	'mediawiki.api': ( mw ) => mw.Api,
	'mediawiki.language': ( mw ) => mw.language && mw.language.getFallbackLanguageChain()[ 0 ] === 'de',
	'mediawiki.user': ( mw ) => mw.user.isNamed && mw.user.getName() === 'Reviewer' &&
		mw.user.options.get( 'x' ) === null,
	'mediawiki.storage': ( mw ) => mw.storage && mw.storage.get( 'x' ) === false,
	'mediawiki.util': ( mw ) => mw.util && mw.util.wikiScript() === '/w/index.php',
	'mediawiki.jqueryMsg': ( mw ) => {
		mw.messages.set( { key: '{{PLURAL:$1|one|$1}}' } );
		return mw.message( 'key', 1 ).text() === 'one';
	}
} ) ) {
	test( 'a page has its part of mw only once this is loaded: ' + module, async () => {
		const mw = page();
		assert.ok( !part( mw ) );
		await mw.loader.using( module );
		assert.ok( part( mw ) );
	} );
}

test( 'a form with a number is for that alone, whatever the language makes of it', async () => {
	const mw = page( 'ja' );
	await mw.loader.using( 'mediawiki.jqueryMsg' );
	mw.messages.set( { key: '{{PLURAL:$1|1=one|$1 of them}}', plain: '{{PLURAL:$1|one|$1}}' } );
	assert.deepStrictEqual( [ 1, 2, 11 ].map( ( n ) => mw.message( 'key', n ).text() ),
		[ 'one', '2 of them', '11 of them' ] );
	// Japanese has one form: what a translation of two would say there
	assert.strictEqual( mw.message( 'plain', 3 ).text(), 'one' );
} );
