'use strict';

const assert = require( 'node:assert' );
const test = require( 'node:test' );

const options = {};
const stored = {};
const sent = [];

function withPage( config, user, chain ) {
	global.mw = {
		config: { get: ( key, fallback ) => key in config ? config[ key ] :
			fallback === undefined ? null : fallback },
		user: {
			isNamed: () => !!user, getName: () => user,
			options: { get: ( key ) => options[ key ] || null, set: ( key, value ) => {
				options[ key ] = value;
			} }
		},
		storage: { get: ( key ) => stored[ key ] || null, set: ( key, value ) => {
			stored[ key ] = value;
		} },
		Api: class {
			saveOption( ...all ) {
				sent.push( all );
			}
		},
		language: { getFallbackLanguageChain: () => chain },
		util: {
			wikiScript: () => '/w/index.php',
			getUrl: ( title, more ) => title + JSON.stringify( more )
		}
	};
	global.document = {
		querySelector: ( what ) => what === '#file img' ? { src: 'https://wiki.test/thumb.jpg' } : null
	};
	return require( '../src/page.js' );
}

test( 'what the page knows', () => {
	const page = withPage( {
		wbEntityId: 'M2', wgTitle: 'A.jpg', wgPageName: 'File:A.jpg', wgNamespaceNumber: 6, skin: 'vector'
	},
	'Reviewer', [ 'de-formal', 'de', 'en' ] );
	assert.deepStrictEqual( page.read(), {
		mid: 'M2', title: 'A.jpg', namespace: 6, skin: 'vector', artwork: false,
		login: 'Special:UserLogin{"returnto":"File:A.jpg"}', user: 'Reviewer', language: 'de-formal', service: 'https://suggest-depicts.toolforge.org', picture: 'https://wiki.test/thumb.jpg'
	} );
	assert.strictEqual( require( '../src/place.js' ).diff( 9 ), '/w/index.php?diff=9' );
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

test( 'who is logged in agrees for the account, anybody else for the browser', () => {
	const place = require( '../src/place.js' );
	const page = withPage( {}, 'Reviewer', [ 'en' ] );
	assert.strictEqual( page.agreed(), false );
	place.agree( page.AGREED );
	assert.strictEqual( page.agreed(), true );
	assert.deepStrictEqual( sent, [ [ 'userjs-suggest-depicts', '1' ] ] );
	assert.deepStrictEqual( stored, {}, 'another account of this browser has not agreed' );
	withPage( {}, '', [ 'en' ] );
	assert.strictEqual( page.agreed(), false );
	place.agree( page.AGREED );
	assert.strictEqual( page.agreed(), true );
	assert.strictEqual( sent.length, 1 );
} );

test( 'what the loader did not get it asks for again, and not for what came and failed', () => {
	const page = withPage( {}, '', [ 'en' ] );
	const more = 'ext.gadget.suggest-depicts-more';
	const failing = ( script ) => {
		const told = [];
		global.mw.loader = {
			moduleRegistry: { [ more ]: { script: script } },
			state: ( states ) => told.push( states ),
			using: () => Promise.reject( new Error( 'lost' ) )
		};
		return page.more().then( () => assert.fail(), ( error ) => [ error.message, told ] );
	};
	return failing( undefined ).then( ( lost ) => {
		assert.deepStrictEqual( lost, [ 'lost', [ { [ more ]: 'registered' } ] ] );
		return failing( () => {} );
	} ).then( ( broken ) => assert.deepStrictEqual( broken, [ 'lost', [] ] ) );
} );
