'use strict';

const assert = require( 'node:assert' );
const fs = require( 'node:fs' );
const path = require( 'node:path' );
const test = require( 'node:test' );

const FILE = path.join( __dirname, '../src/messages.js' );
const PACKED = /^const PACKED = \[.*\];$/m;
const CODE = fs.readFileSync( FILE, 'utf8' );

/** The module as a reader of these languages gets it; told: what is set as messages. */
function loaded( chain, packed, told = {} ) {
	const mw = {
		language: { getFallbackLanguageChain: () => chain },
		messages: { set: ( texts ) => Object.assign( told, texts ) },
		message: ( key, ...values ) => ( { text: () => [ key, ...values ].join() } )
	};
	const required = ( name ) => ( { from: name } );
	const module = { exports: {} };
	const code = packed ?
		CODE.replace( PACKED, `const PACKED = ${ JSON.stringify( packed ) };` ) : CODE;
	// as ResourceLoader wraps a file of a package
	// eslint-disable-next-line no-new-func
	const run = new Function( 'require', 'module', 'exports', 'mw', code );
	run( required, module, module.exports, mw );
	return module.exports;
}

for ( const [ chain, language, direction ] of [
	[ [ 'de', 'en' ], 'de', 'ltr' ],
	[ [ 'gsw', 'de', 'en' ], 'de', 'ltr' ],
	[ [ 'ar', 'en' ], 'ar', 'rtl' ],
	[ [ 'fa', 'en' ], 'en', 'ltr' ],
	[ [ 'ja', 'en' ], 'en', 'ltr' ],
	[ [ 'qqx' ], 'en', 'ltr' ]
] ) {
	test( `the first that is packed of ${ chain }: its texts alone, its direction`, () => {
		const told = {};
		const messages = loaded( chain, [ 'en', 'de', 'ar' ], told );
		assert.strictEqual( messages.language, language );
		assert.strictEqual( messages.direction, direction );
		assert.deepStrictEqual( told, { from: `../i18n/${ language }.json` } );
	} );
}

test( 'what this package has includes English', () => {
	assert.match( CODE, PACKED );
	assert.strictEqual( loaded( [ 'xx', 'en' ] ).language, 'en' );
} );

test( 'a text in the language of the dialog needs no lang of its own', () => {
	const messages = loaded( [ 'de', 'en' ], [ 'en', 'de' ] );
	assert.strictEqual( messages.foreign( { label_language: 'de' }, 'en' ), null );
	assert.strictEqual( messages.foreign( { label_language: 'en' }, 'de' ), 'en' );
	// one that does not say so is in the reader's
	assert.strictEqual( messages.foreign( {}, 'en' ), 'en' );
} );

test( 'keys are ours, and values go on as they are', () => {
	assert.strictEqual( loaded( [ 'en' ] ).text( 'found', 3, 'x' ), 'suggest-depicts-found,3,x' );
} );

test( 'within texts from right to left names keep their own direction', () => {
	const { list, text } = loaded( [ 'ar', 'en' ], [ 'en', 'ar' ] );
	assert.strictEqual( text( 'picked', 3, '3 Idiots' ),
		'suggest-depicts-picked,3,\u20683 Idiots\u2069' );
	assert.strictEqual( list( [ 'cat', '3 Idiots' ] ),
		'\u2068cat\u2069، \u20683 Idiots\u2069' );
} );

test( 'a list elsewhere has plain commas', () => {
	assert.strictEqual( loaded( [ 'de', 'en' ] ).list( [ 'cat', 'dog' ] ), 'cat, dog' );
} );
