'use strict';

// the dialog of a category as Vue runs it, with nothing drawn

const assert = require( 'node:assert' );
const Module = require( 'node:module' );
const test = require( 'node:test' );
const { createRenderer } = require( 'vue' );
const stored = require( './stored.js' );

/** The browser keeps things anew from here on. */
function browser() {
	stored();
	Object.assign( global.mw, {
		language: { getFallbackLanguageChain: () => [ 'en' ] },
		messages: { set: () => {} },
		message: ( key, ...all ) => ( {
			text: () => [ key.replace( 'suggest-depicts-', '' ), ...all ].join( ' ' )
		} ),
		user: { isNamed: () => true, options: { get: () => '1' } },
		util: { getUrl: () => '' }
	} );
	global.document = { getElementById: () => ( { focus: () => {} } ) };
}

browser();
const modules = { '@wikimedia/codex': {} };
const load = Module._load;
Module._load = ( name, ...all ) => modules[ name ] || load( name, ...all );
modules[ 'ext.gadget.suggest-depicts-core' ] = {
	Dialog: require( '../src/dialog.js' ),
	asking: require( '../src/asking.js' ),
	claims: require( '../src/claims.js' ),
	messages: require( '../src/messages.js' ),
	// nothing but the component
	opening: ( Component ) => Component,
	page: require( '../src/page.js' ),
	verdicts: require( '../src/verdicts.js' )
};
modules[ 'ext.gadget.suggest-depicts-more' ] = require( '../src/more.js' );
const Steps = require( '../src/bulk.js' ).open;

const nothing = () => {};
const { createApp } = createRenderer( {
	createComment: () => ( {} ), insert: nothing, remove: nothing, parentNode: nothing,
	nextSibling: nothing
} );

const CARD = { item: 'Q1', label: 'one' };
const SUGGESTED = { outcome: 'suggested', token: 't', model_version: 'v', suggestions: [ CARD ] };
const PENDING = { outcome: 'pending', position: 1, suggestions: [] };
const LOST = { code: 'http', names: [], info: '' };

/** Clients for files 1 … of a category: answers by number; works: those that reproduce one. */
function clients( count, answers, works = [] ) {
	const made = { asked: [], decided: [], lost: false };
	const numbers = Array.from( { length: count }, ( _, n ) => n + 1 );
	const pages = numbers.map( ( pageid ) => ( {
		pageid, title: 'File:' + pageid, templates: works.includes( pageid ) ? [ {} ] : undefined
	} ) );
	const entities = ( ids ) => ids.split( '|' ).reduce(
		( all, id ) => Object.assign( all, { [ id ]: { id, missing: '' } } ), {} );
	made.wiki = { get: ( { action, prop, ids } ) => made.lost ? Promise.reject( LOST ) :
		Promise.resolve( action !== 'query' ? { entities: entities( ids ) } :
			prop === 'revisions' ? { query: { pages: [] } } :
				{ batchcomplete: true, query: { pages } } ) };
	made.service = {
		suggestions: ( mid ) => {
			made.asked.push( mid );
			return Promise.resolve( answers( Number( mid.slice( 1 ) ) ) );
		},
		decide: ( mid, token, decisions ) => {
			made.decided.push( [ mid, decisions ] );
			return Promise.resolve( {} );
		}
	};
	return made;
}

const settled = () => new Promise( ( resolve ) => setTimeout( resolve, 20 ) );

async function opened( made ) {
	browser();
	const first = { mid: null, title: 'Cats', language: 'en', user: 'Editor', service: 'https://s' };
	const app = createApp( { extends: Steps, render: () => null }, { first, clients: made } );
	const dialog = app.mount( {} );
	dialog.show( { focus: nothing } );
	await settled();
	return dialog;
}

async function does( dialog, act, ...all ) {
	await dialog.later( act, ...all );
	await settled();
}

const at = ( { page, step } ) => [ page.mid, step ];
const news = ( { results } ) => results.map( ( one ) => [ one.page.mid, one.type, one.news ] );
const REJECTED = [ { item: 'Q1', verdict: 'rejected' } ];

// --- what was said ---

test( 'a file that is skipped is listed as such, and nothing is handed in', async () => {
	const made = clients( 2, () => SUGGESTED );
	const dialog = await opened( made );
	await does( dialog, 'skip' );
	assert.deepStrictEqual( at( dialog ), [ 'M2', 'offer' ] );
	assert.deepStrictEqual( news( dialog ), [ [ 'M1', 'notice', 'bulk-skipped' ] ] );
	assert.deepStrictEqual( made.decided, [] );
} );

test( 'a "no" is handed in where the file is skipped, and listed as that', async () => {
	const made = clients( 2, () => SUGGESTED );
	const dialog = await opened( made );
	await does( dialog, 'judge', 'Q1', 'rejected' );
	await does( dialog, 'skip' );
	assert.deepStrictEqual( made.decided, [ [ 'M1', REJECTED ] ] );
	assert.deepStrictEqual( at( dialog ), [ 'M2', 'offer' ] );
	assert.deepStrictEqual( news( dialog ), [ [ 'M1', 'success', 'bulk-skipped told' ] ] );
} );

test( 'the next file does not wait for what is handed in; a loss is listed', async () => {
	const made = clients( 2, () => SUGGESTED );
	let lose;
	made.service.decide = () => new Promise( ( resolve, reject ) => {
		lose = reject;
	} );
	const dialog = await opened( made );
	await does( dialog, 'judge', 'Q1', 'rejected' );
	await does( dialog, 'skip' );
	assert.deepStrictEqual( at( dialog ), [ 'M2', 'offer' ] );
	assert.deepStrictEqual( news( dialog ), [ [ 'M1', 'notice', 'bulk-skipped' ] ] );
	lose( { code: 'unreachable' } );
	await settled();
	assert.deepStrictEqual( news( dialog ), [ [ 'M1', 'warning', 'bulk-skipped verdict-lost' ] ] );
} );

test( 'a refused save that is skipped stays an error in the list, with the "no" handed in', async () => {
	const made = clients( 2, () => SUGGESTED );
	const dialog = await opened( made );
	await does( dialog, 'judge', 'Q1', 'rejected' );
	dialog.told = { type: 'error', title: 'unsaved', text: 'Blocked.', again: true };
	await does( dialog, 'skip' );
	assert.deepStrictEqual( news( dialog ), [ [ 'M1', 'error', 'unsaved. Blocked. told' ] ] );
	assert.deepStrictEqual( made.decided, [ [ 'M1', REJECTED ] ] );
} );

test( 'what arrives when it has gone on after a stop is told nowhere, and troubles nobody', async () => {
	const made = clients( 1, () => SUGGESTED );
	let arrive;
	made.service.decide = () => new Promise( ( resolve ) => {
		arrive = resolve;
	} );
	const dialog = await opened( made );
	await does( dialog, 'judge', 'Q1', 'rejected' );
	await does( dialog, 'stop' );
	await does( dialog, 'next' );
	arrive( {} );
	await settled();
	assert.deepStrictEqual( [ dialog.step, dialog.told ], [ 'offer', null ] );
} );

test( 'a "no" is handed in where it is stopped, and the file comes again', async () => {
	const made = clients( 1, () => SUGGESTED );
	const dialog = await opened( made );
	await does( dialog, 'judge', 'Q1', 'rejected' );
	await does( dialog, 'stop' );
	assert.deepStrictEqual( made.decided, [ [ 'M1', REJECTED ] ] );
	assert.deepStrictEqual( at( dialog ), [ '', 'listed' ] );
	assert.deepStrictEqual( [ dialog.told.title, dialog.told.text.trim() ], [ 'bulk-stopped', 'about 1 told' ] );
	await does( dialog, 'next' );
	await does( dialog, 'stop' );
	assert.deepStrictEqual( [ made.decided.length, dialog.told.text ], [ 1, '' ] );
} );

// --- where it waits ---

test( 'a wiki that does not answer halts it at an artwork, which is looked at again', async () => {
	const made = clients( 3, () => SUGGESTED, [ 2, 3 ] );
	const dialog = await opened( made );
	made.lost = true;
	await does( dialog, 'skip' );
	assert.deepStrictEqual( at( dialog ), [ 'M2', 'silent' ] );
	assert.deepStrictEqual( [ dialog.told.text, dialog.told.again ], [ 'trouble-wiki http', true ] );
	assert.strictEqual( dialog.results.length, 1 );
	made.lost = false;
	await does( dialog, 'again' );
	assert.deepStrictEqual( news( dialog ).slice( 1 ), [
		[ 'M2', 'notice', 'skipped. skipped-artwork artwork' ],
		[ 'M3', 'notice', 'skipped. skipped-artwork artwork' ]
	] );
} );

test( 'ten files in a row that wait in the queue are passed, the eleventh halts it', async () => {
	const dialog = await opened( clients( 12, () => PENDING ) );
	assert.deepStrictEqual( at( dialog ), [ 'M11', 'silent' ] );
	assert.strictEqual( dialog.results.length, 10 );
} );

test( 'they are not in a row with a file between them that has suggestions', async () => {
	const dialog = await opened( clients( 19, ( n ) => n === 7 ? SUGGESTED : PENDING ) );
	assert.deepStrictEqual( at( dialog ), [ 'M7', 'offer' ] );
	await does( dialog, 'skip' );
	assert.deepStrictEqual( at( dialog ), [ 'M18', 'silent' ] );
} );

// --- while the files are listed ---

for ( const [ name, leave ] of Object.entries( {
	stopped: ( dialog ) => dialog.later( 'stop' ),
	closed: ( dialog ) => {
		dialog.open = false;
	}
} ) ) {
	test( 'the service is asked about no file where it is ' + name + ' meanwhile', async () => {
		const made = clients( 2, () => SUGGESTED );
		const { get } = made.wiki;
		let list;
		made.wiki.get = () => new Promise( ( resolve ) => {
			list = resolve;
		} );
		const dialog = await opened( made );
		await leave( dialog );
		made.wiki.get = get;
		list( get( { action: 'query' } ) );
		await settled();
		assert.deepStrictEqual( made.asked, [] );
		assert.deepStrictEqual( dialog.page.title, 'Cats' );
		// it goes on from there
		dialog.open = true;
		await does( dialog, 'again' );
		assert.deepStrictEqual( at( dialog ), [ 'M1', 'offer' ] );
	} );
}
