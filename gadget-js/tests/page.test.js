'use strict';

const assert = require( 'node:assert' );
const test = require( 'node:test' );

function withPage( config, user, chain ) {
	global.mw = {
		config: { get: ( key, fallback ) => key in config ? config[ key ] :
			fallback === undefined ? null : fallback },
		user: { isNamed: () => !!user, getName: () => user },
		language: { getFallbackLanguageChain: () => chain },
		util: {
			wikiScript: () => '/w/index.php',
			getUrl: ( title, more ) => title + JSON.stringify( more )
		}
	};
	global.document = { querySelector: () => ( { src: 'https://wiki.test/thumb.jpg' } ) };
	return require( '../src/page.js' );
}

test( 'what the page knows', () => {
	const page = withPage( { wbEntityId: 'M2', wgTitle: 'A.jpg', wgPageName: 'File:A.jpg' },
		'Reviewer', [ 'de-formal', 'de', 'en' ] );
	assert.deepStrictEqual( page.read(), {
		mid: 'M2', title: 'A.jpg', user: 'Reviewer', language: 'de-formal',
		service: 'https://suggest-depicts.toolforge.org', picture: 'https://wiki.test/thumb.jpg'
	} );
	assert.strictEqual( page.diff( 9 ), '/w/index.php?diff=9' );
	assert.match( page.login(), /File:A\.jpg/ );
} );

test( 'somebody without an account of their own has no name', () => {
	assert.strictEqual( withPage( {}, '', [ 'en' ] ).read().user, '' );
} );

test( 'a language that the service does not take gives way to the next', () => {
	const page = withPage( {}, '', [] );
	assert.strictEqual( page.language( [ 'simple', 'en' ] ), 'en' );
	assert.strictEqual( page.language( [ 'map-bms', 'jv' ] ), 'map-bms' );
	assert.strictEqual( page.language( [ 'simple' ] ), 'en' );
} );
