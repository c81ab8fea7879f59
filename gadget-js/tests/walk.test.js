'use strict';

require( './gadgets.js' );
const assert = require( 'node:assert' );
const test = require( 'node:test' );
const stored = require( './stored.js' );
const Walk = require( '../src/walk.js' );

const CATEGORY = { mid: null, title: 'Cats', language: 'de', user: 'Editor', artwork: true };
const GOES_ON = { stopped: () => false };
const outcomes = ( outcome ) => ( { outcome, suggestions: [] } );

/** parts: lists of numbers of files; entities: what they depict by now; answers, by number. */
function clients( parts, answers, entities ) {
	stored();
	const asked = { list: 0, service: [] };
	const pagesOf = ( ids ) => ids.map( ( pageid ) => ( {
		pageid, title: 'File:' + pageid + '.png', templates: pageid > 90 ? [ {} ] : undefined
	} ) );
	const wiki = { get: ( { action, ids, from } ) => {
		if ( action === 'query' ) {
			asked.list++;
			const rest = ( from || 0 ) + 1;
			return Promise.resolve( {
				batchcomplete: true, query: { pages: pagesOf( parts[ from || 0 ] ) },
				continue: rest < parts.length ? { from: rest } : undefined
			} );
		}
		return Promise.resolve( { entities: ids.split( '|' ).reduce( ( all, id ) => Object.assign( all, {
			[ id ]: !ids.includes( '|' ) && entities && entities[ id ] || { id, missing: '' }
		} ), {} ) } );
	} };
	const service = { suggestions: ( mid, wanted, watch ) => {
		asked.service.push( mid );
		assert.ok( watch.stopped(), 'nobody waits for a file in the queue' );
		const answer = answers[ mid ] && answers[ mid ].shift();
		return answer instanceof Error ? Promise.reject( answer ) :
			Promise.resolve( outcomes( answer || 'nothing' ) );
	} };
	return { wiki, service, asked };
}

async function at( made, walk, place ) {
	walk.at = place;
	await walk.fill( made, place, GOES_ON );
	return ( await walk.answer( made ) ).outcome;
}

test( 'a file is a page as the dialog has it; all edits of a walk have one name, of no other', () => {
	const walk = new Walk( CATEGORY );
	walk.add( { seen: 1, rest: null, files: [ { mid: 'M1', title: '1.png' } ] } );
	assert.match( walk.group, /^suggest-depicts\/[0-9a-f]{12}$/ );
	assert.notStrictEqual( new Walk( CATEGORY ).group, walk.group );
	assert.deepStrictEqual( walk.file, {
		mid: 'M1', title: '1.png', language: 'de', user: 'Editor', artwork: false, group: walk.group
	} );
} );

test( 'the list is read as far as a file is wanted, and once at a time', async () => {
	const made = clients( [ [], [ 1, 2 ], [ 3 ] ], {} );
	const walk = new Walk( CATEGORY );
	const both = await Promise.all( [ walk.fill( made, 0, GOES_ON ), walk.fill( made, 0, GOES_ON ) ] );
	assert.deepStrictEqual( both.map( ( { mid } ) => mid ), [ 'M1', 'M1' ] );
	assert.strictEqual( made.asked.list, 2 );
	assert.deepStrictEqual( [ walk.seen, walk.files.length, !!walk.rest ], [ 2, 2, true ] );
	assert.strictEqual( ( await walk.fill( made, 2, GOES_ON ) ).mid, 'M3' );
	assert.strictEqual( await walk.fill( made, 3, GOES_ON ), null );
	assert.strictEqual( made.asked.list, 3 );
} );

test( 'who has stopped reads no further part of the list', async () => {
	const made = clients( [ [], [], [ 1 ] ], {} );
	const walk = new Walk( CATEGORY );
	assert.strictEqual( await walk.fill( made, 0, { stopped: () => made.asked.list > 0 } ), null );
	assert.strictEqual( made.asked.list, 1 );
	assert.strictEqual( ( await walk.fill( made, 0, GOES_ON ) ).mid, 'M1' );
} );

test( 'a list that cannot be read is told, and read again from there', async () => {
	const made = clients( [ [ 1 ], [ 2 ] ], {} );
	const walk = new Walk( CATEGORY );
	await walk.fill( made, 0, GOES_ON );
	const { get } = made.wiki;
	made.wiki.get = () => Promise.reject( { code: 'http', names: [] } );
	await assert.rejects( walk.fill( made, 1, GOES_ON ), { code: 'http' } );
	made.wiki.get = get;
	assert.strictEqual( ( await walk.fill( made, 1, GOES_ON ) ).mid, 'M2' );
} );

test( 'the service is asked about one file ahead, and not twice', async () => {
	const made = clients( [ [ 1, 2 ], [ 3 ] ], {} );
	const walk = new Walk( CATEGORY );
	await at( made, walk, 0 );
	await walk.ahead( made, GOES_ON );
	await walk.ahead( made, GOES_ON );
	assert.deepStrictEqual( made.asked.service, [ 'M1', 'M2' ] );
	await at( made, walk, 1 );
	assert.deepStrictEqual( made.asked.service, [ 'M1', 'M2' ] );
	await walk.ahead( made, GOES_ON );
	assert.deepStrictEqual( made.asked.service, [ 'M1', 'M2', 'M3' ] );
	walk.at = 2;
	await walk.ahead( made, GOES_ON );
	assert.strictEqual( made.asked.service.length, 3, 'there is no fourth' );
} );

test( 'nothing is asked ahead by who has stopped', async () => {
	const made = clients( [ [ 1, 2 ] ], {} );
	const walk = new Walk( CATEGORY );
	await at( made, walk, 0 );
	await walk.ahead( made, { stopped: () => true } );
	assert.deepStrictEqual( made.asked.service, [ 'M1' ] );
} );

test( 'what failed or was in the queue when it was asked ahead is asked anew', async () => {
	const made = clients( [ [ 1, 2, 3 ] ], { M2: [ new Error( 'down' ), 'suggested' ], M3: [ 'pending', 'skipped' ] } );
	const walk = new Walk( CATEGORY );
	await at( made, walk, 0 );
	await walk.ahead( made, GOES_ON );
	assert.strictEqual( await at( made, walk, 1 ), 'suggested' );
	await walk.ahead( made, GOES_ON );
	assert.strictEqual( await at( made, walk, 2 ), 'skipped' );
} );

test( 'a file that somebody has described since it was listed is left out', async () => {
	const depicts = { mainsnak: { snaktype: 'value', datavalue: { value: { id: 'Q1' } } }, id: 'M1$x' };
	const made = clients( [ [ 1, 2 ] ], { M1: [ 'suggested' ] }, { M1: { id: 'M1', statements: { P180: [ depicts ] } } } );
	const walk = new Walk( CATEGORY );
	assert.strictEqual( await at( made, walk, 0 ), 'skipped' );
} );

test( 'the service is not asked about a file that reproduces a work', async () => {
	const made = clients( [ [ 91 ] ], {} );
	const walk = new Walk( CATEGORY );
	await walk.fill( made, 0, GOES_ON );
	assert.deepStrictEqual( await walk.answer( made ), { outcome: 'skipped', reason: 'artwork' } );
	assert.deepStrictEqual( made.asked.service, [] );
} );
