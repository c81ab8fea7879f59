'use strict';

const assert = require( 'node:assert' );
const fs = require( 'node:fs' );
const path = require( 'node:path' );
const test = require( 'node:test' );

const FILE = path.join( __dirname, '../src/button.js' );
const ON_A_CATEGORY = { wgNamespaceNumber: 14, wgAction: 'view' };
const ON_A_FILE = { wgNamespaceNumber: 6, wgAction: 'view', wbEntityId: 'M2' };

class Element {
	constructor( name ) {
		Object.assign( this, { name, children: [], attributes: {}, listeners: {}, style: {} } );
	}

	appendChild( child ) {
		this.children.push( child );
		return child;
	}

	insertBefore( child ) {
		return this.appendChild( child );
	}

	setAttribute( name, value ) {
		this.attributes[ name ] = value;
	}

	getAttribute( name ) {
		return this.attributes[ name ];
	}

	removeAttribute( name ) {
		delete this.attributes[ name ];
	}

	addEventListener( name, listener ) {
		this.listeners[ name ] = listener;
	}

	querySelector() {
		return this.children[ 0 ];
	}

	scrollIntoView() {
		this.seen = true;
	}
}

/** Run the button's file on a page; using( name ) is what the loader does. */
function run( config, using, hasTools = true, hasPlace = true ) {
	const panel = new Element( 'panel' );
	const places = [];
	panel.parentNode = new Element( 'parent' );
	const errors = [];
	const tool = new Element( 'li' );
	tool.appendChild( new Element( 'a' ) );
	global.mw = {
		util: { addPortletLink: ( portlet ) => portlet === 'p-tb' && hasTools ? tool : null },
		config: { get: ( key ) => key in config ? config[ key ] : null },
		messages: { set: () => {} },
		message: ( key ) => ( { text: () => key } ),
		loader: { using },
		log: { error: ( error ) => errors.push( error ) }
	};
	global.document = {
		readyState: 'complete',
		createElement: ( name ) => new Element( name ),
		querySelector: ( place ) => {
			places.push( place );
			return hasPlace ? panel : null;
		},
		getElementById: () => null
	};
	delete require.cache[ FILE ];
	require( FILE );
	const row = panel.parentNode.children[ 0 ];
	return { row, errors, tool, places, button: row && row.children[ 0 ], told: row && row.children[ 1 ] };
}

test( 'it weighs at most 3 kB', () => {
	assert.ok( fs.statSync( FILE ).size <= 3000 );
} );

for ( const [ name, config ] of Object.entries( {
	'another namespace': { ...ON_A_FILE, wgNamespaceNumber: 0 },
	'a history': { ...ON_A_FILE, wgAction: 'history' },
	'the history of a category': { ...ON_A_CATEGORY, wgAction: 'history' },
	'a page without an entity': { ...ON_A_FILE, wbEntityId: null }
} ) ) {
	test( 'no button on ' + name, () => {
		assert.strictEqual( run( config ).row, undefined );
	} );
}

test( 'nothing is loaded before it is pressed, and the core only once at a time', async () => {
	const asked = [];
	let opened = 0;
	const page = run( ON_A_FILE, ( name ) => {
		asked.push( name );
		return Promise.resolve( () => ( { open: () => opened++ } ) );
	} );
	assert.deepStrictEqual( asked, [] );
	page.button.listeners.click();
	page.button.listeners.click();
	assert.deepStrictEqual( asked, [ 'ext.gadget.suggest-depicts-core' ] );
	await new Promise( setImmediate );
	assert.strictEqual( opened, 1 );
	assert.strictEqual( page.told.textContent, '' );
	assert.strictEqual( page.button.attributes[ 'aria-busy' ], undefined );
} );

test( 'a core that cannot be loaded is told beside the button, which works again', async () => {
	const page = run( ON_A_FILE, () => Promise.reject( new Error( 'offline' ) ) );
	page.button.listeners.click();
	await new Promise( setImmediate );
	assert.match( page.told.textContent, /suggest-depicts-button-failed/ );
	assert.strictEqual( page.button.attributes[ 'aria-busy' ], undefined );
	assert.strictEqual( page.errors[ 0 ].message, 'offline' );
	assert.ok( page.told.seen, 'who pressed it far away is led to it' );
} );

test( 'while it loads, that is said beside the button, and read out', async () => {
	let loaded;
	const page = run( ON_A_FILE, () => new Promise( ( resolve ) => {
		loaded = resolve;
	} ) );
	page.button.listeners.click();
	assert.strictEqual( page.told.textContent, 'suggest-depicts-button-loading' );
	assert.strictEqual( page.told.attributes.role, 'status' );
	loaded( () => ( { open: () => {} } ) );
	await new Promise( setImmediate );
	assert.strictEqual( page.told.textContent, '' );
} );

test( 'the line in the tools does the same, and gets the focus back', async () => {
	const openers = [];
	const page = run( ON_A_FILE,
		() => Promise.resolve( () => ( { open: ( opener ) => openers.push( opener ) } ) ) );
	let stayed = false;
	page.tool.listeners.click( { preventDefault: () => {
		stayed = true;
	} } );
	await new Promise( setImmediate );
	page.button.listeners.click();
	await new Promise( setImmediate );
	assert.ok( stayed );
	assert.deepStrictEqual( openers.map( ( one ) => one.name ), [ 'a', 'button' ] );
} );

test( 'a skin without tools has the button alone', () => {
	assert.ok( run( ON_A_FILE, null, false ).button );
} );

test( 'on a category it stands by the files, says that it is for all, and loads what goes through them', async () => {
	const asked = [];
	const page = run( ON_A_CATEGORY, ( name ) => {
		asked.push( name );
		return Promise.resolve( () => ( { open: () => {} } ) );
	} );
	assert.strictEqual( page.button.title, 'suggest-depicts-button-tip-all' );
	assert.ok( page.places.every( ( place ) => place.startsWith( '#mw-category-media' ) ) );
	page.button.listeners.click();
	assert.deepStrictEqual( asked, [ 'ext.gadget.suggest-depicts-bulk' ] );
	await new Promise( setImmediate );
} );

test( 'a category without files has no button', () => {
	assert.strictEqual( run( ON_A_CATEGORY, null, true, false ).row, undefined );
} );
