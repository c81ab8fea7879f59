'use strict';

const assert = require( 'node:assert' );
const test = require( 'node:test' );
const { client } = require( '../src/service.js' );

const BASE = 'https://service.test';
const ONE = {
	item: 'Q146', label: 'cat', description: '', kind: { item: 'Q1', label: 'animal' },
	confidence: 0.9, reasons: [ 'looks like it' ], more_specific_than: [],
	url: 'https://www.wikidata.org/wiki/Q146'
};
const FOUND = { mid: 'M2', outcome: 'suggested', suggestions: [ ONE ], model_version: 'v' };
const NOTHING = {
	mid: 'M2', outcome: 'nothing', reason: 'not-sure', suggestions: [], model_version: 'v'
};
const OFFERED = { 'Decision-Token': 't' };
const wanted = { language: 'de', have: [ 'Q1', 'Q2' ] };

/** A service that answers each request with the next of these. */
function scripted( ...answers ) {
	const seen = [];
	const waits = [];
	const made = client( BASE, {
		fetch: ( url, options ) => {
			seen.push( { url, options } );
			const [ status, body, headers ] = answers.shift();
			if ( status === 0 ) {
				return Promise.reject( new TypeError( 'Failed to fetch' ) );
			}
			const text = typeof body === 'string' ? body : JSON.stringify( body );
			return Promise.resolve( new Response( text, { status, headers } ) );
		},
		wait: ( seconds ) => {
			waits.push( seconds );
			return Promise.resolve();
		}
	} );
	const told = [];
	const watch = { stopped: () => false, waiting: ( ...all ) => told.push( all ) };
	return { service: made, seen, waits, told, watch };
}

test( 'a question carries the file, the language and its items, and nothing of the reader', async () => {
	const s = scripted( [ 200, FOUND, OFFERED ] );
	assert.deepStrictEqual( await s.service.suggestions( 'M2', wanted, s.watch ),
		{ ...FOUND, token: 't' } );
	assert.strictEqual( s.seen[ 0 ].url,
		BASE + '/api/v1/files/M2/suggestions?lang=de&have=Q1%7CQ2' );
	const { signal, ...options } = s.seen[ 0 ].options;
	assert.ok( signal );
	assert.deepStrictEqual( options, { credentials: 'omit', referrerPolicy: 'no-referrer' } );
} );

test( 'verdicts carry the token and themselves', async () => {
	const s = scripted( [ 201, { stored: 1 } ] );
	await s.service.decide( 'M2', 't', [ { item: 'Q146', verdict: 'accepted', revision: 9 } ] );
	const { url, options } = s.seen[ 0 ];
	assert.strictEqual( url, BASE + '/api/v1/files/M2/decisions' );
	assert.strictEqual( options.method, 'POST' );
	assert.strictEqual( options.credentials, 'omit' );
	assert.deepStrictEqual( JSON.parse( options.body ), {
		token: 't', decisions: [ { item: 'Q146', verdict: 'accepted', revision: 9 } ]
	} );
} );

test( 'a file that waits is asked for again when told to', async () => {
	const s = scripted(
		[ 202, { mid: 'M2', outcome: 'pending', position: 3 }, { 'Retry-After': '5' } ],
		[ 202, { mid: 'M2', outcome: 'pending', position: 1 }, { 'Retry-After': '5' } ],
		[ 200, FOUND, OFFERED ]
	);
	assert.strictEqual( ( await s.service.suggestions( 'M2', wanted, s.watch ) ).outcome, 'suggested' );
	assert.deepStrictEqual( s.waits, [ 5, 5 ] );
	assert.deepStrictEqual( s.told, [ [ 3, 5 ], [ 1, 5 ] ] );
} );

test( 'but not for ever: then it is pending, which is not "nothing"', async () => {
	const waiting = [ 202, { mid: 'M2', outcome: 'pending', position: 3 }, { 'Retry-After': '15' } ];
	const s = scripted( waiting, waiting, waiting, waiting, waiting, waiting );
	assert.deepStrictEqual( await s.service.suggestions( 'M2', wanted, s.watch ), {
		outcome: 'pending', position: 3, suggestions: []
	} );
	assert.strictEqual( s.seen.length, 5 );
} );

test( 'a service that is quick is asked often at first, then ever more rarely', async () => {
	const waiting = [ 202, { mid: 'M2', outcome: 'pending', position: 1 }, { 'Retry-After': '1' } ];
	const s = scripted( ...Array( 60 ).fill( waiting ) );
	await s.service.suggestions( 'M2', wanted, s.watch );
	assert.deepStrictEqual( s.waits.slice( 0, 6 ), [ 1, 1, 1, 1, 1, 2 ] );
	assert.ok( s.seen.length < 20 );
	assert.ok( s.waits.reduce( ( sum, one ) => sum + one ) <= 60 );
} );

test( 'a pause longer than anybody waits is not begun', async () => {
	const s = scripted( [ 202, { mid: 'M2', outcome: 'pending', position: 900 }, { 'Retry-After': '3600' } ] );
	const answer = await s.service.suggestions( 'M2', wanted, s.watch );
	assert.strictEqual( answer.outcome, 'pending' );
	assert.deepStrictEqual( s.waits, [] );
} );

test( 'nobody asks again for a dialog that was closed', async () => {
	const s = scripted( [ 202, { mid: 'M2', outcome: 'pending', position: 1 }, { 'Retry-After': '1' } ], [ 200, FOUND, OFFERED ] );
	let closed = false;
	s.watch.stopped = () => closed;
	s.watch.waiting = () => {
		closed = true;
	};
	await s.service.suggestions( 'M2', wanted, s.watch );
	assert.strictEqual( s.seen.length, 1 );
} );

const problem = { detail: 'the words of the service', code: 'x' };
for ( const [ answer, expected ] of [
	[ [ 0 ], { code: 'unreachable', detail: '', retryAfter: 0 } ],
	[ [ 429, problem, { 'Retry-After': '7' } ],
		{ code: 'limited', detail: problem.detail, retryAfter: 7 } ],
	[ [ 429, '<html>' ], { code: 'limited', detail: 'HTTP 429', retryAfter: 60 } ],
	[ [ 503, problem, { 'Retry-After': '30' } ],
		{ code: 'down', detail: problem.detail, retryAfter: 30 } ],
	[ [ 502, '<html>Bad gateway' ], { code: 'down', detail: 'HTTP 502', retryAfter: 0 } ],
	[ [ 200, '<html>' ], { code: 'garbage', detail: '', retryAfter: 0 } ]
] ) {
	test( 'a failure is one, and says which: ' + JSON.stringify( answer ), async () => {
		const s = scripted( answer );
		await assert.rejects( s.service.suggestions( 'M2', wanted, s.watch ), expected );
	} );
}

for ( const body of [
	[], 'text', null, {}, { ...FOUND, mid: 'M3' }, { ...FOUND, mid: undefined },
	{ ...FOUND, model_version: undefined }, { ...FOUND, model_version: 7 },
	{ ...FOUND, outcome: 'new' }, { ...FOUND, outcome: 'constructor' },
	{ ...FOUND, suggestions: [] }, { ...FOUND, suggestions: null },
	{ ...FOUND, suggestions: [ null ] }, { ...FOUND, suggestions: [ ONE, { ...ONE } ] },
	{ ...NOTHING, reason: undefined }, { ...NOTHING, suggestions: [ ONE ] },
	{ ...NOTHING, outcome: 'skipped', reason: 7 }, { ...NOTHING, outcome: 'failed', error: null },
	{ ...NOTHING, outcome: 'pending', position: 1 }, { ...NOTHING, outcome: 'paused', reason: '' },
	...[
		{ item: 'P180' }, { item: [ 'Q146' ] }, { item: undefined }, { label: '' }, { label: 7 }, { description: null },
		{ description: {} }, { kind: undefined }, { kind: 'animal' }, { kind: { item: 'Q1' } },
		{ kind: { item: 'x', label: 'animal' } }, { confidence: 80 }, { confidence: -0.1 },
		{ confidence: '0.9' }, { confidence: null }, { confidence: [] }, { reasons: 'why' },
		{ reasons: [ 7 ] }, { more_specific_than: undefined }, { more_specific_than: [ 'Q1' ] },
		{ more_specific_than: [ { item: 'Q1', label: null } ] }, { url: undefined },
		{ url: 'javascript:alert(1)' }, { url: [ 'https://www.wikidata.org' ] }
	].map( ( change ) => ( { ...FOUND, suggestions: [ { ...ONE, ...change } ] } ) )
] ) {
	test( 'half an answer is none: ' + JSON.stringify( body ), async () => {
		const s = scripted( [ 200, JSON.stringify( body ), OFFERED ] );
		await assert.rejects( s.service.suggestions( 'M2', wanted, s.watch ), { code: 'garbage' } );
	} );
}

for ( const headers of [ {}, { 'Decision-Token': '' } ] ) {
	test( 'suggestions without a token are none, even with one in the body: ' + JSON.stringify( headers ), async () => {
		const s = scripted( [ 200, { ...FOUND, token: 't' }, headers ] );
		await assert.rejects( s.service.suggestions( 'M2', wanted, s.watch ), { code: 'garbage' } );
	} );
}

for ( const body of [
	null, {}, { mid: 'M3', outcome: 'pending', position: 1 }, { mid: 'M2', outcome: 'pending' },
	{ mid: 'M2', outcome: 'pending', position: '3' }, { mid: 'M2', outcome: 'pending', position: 0 }, FOUND
] ) {
	test( 'a place in the queue is one: ' + JSON.stringify( body ), async () => {
		const s = scripted( [ 202, JSON.stringify( body ), { 'Retry-After': '1' } ] );
		await assert.rejects( s.service.suggestions( 'M2', wanted, s.watch ), { code: 'garbage' } );
	} );
}

for ( const body of [
	NOTHING, { ...NOTHING, outcome: 'skipped' },
	{ mid: 'M2', outcome: 'paused', reason: 'too many reverts', suggestions: [] }, { ...NOTHING, outcome: 'failed', error: 'http-429: x' },
	{ ...FOUND, suggestions: [ { ...ONE, kind: null, confidence: 1 } ] }
] ) {
	test( 'a whole answer is taken: ' + JSON.stringify( body ), async () => {
		const s = scripted( [ 200, body, OFFERED ] );
		assert.deepStrictEqual( await s.service.suggestions( 'M2', wanted, s.watch ),
			{ ...body, token: 't' } );
	} );
}

test( 'a service that does not answer is given up', async ( context ) => {
	context.mock.timers.enable( { apis: [ 'setTimeout' ] } );
	const silent = client( BASE, {
		fetch: ( url, options ) => new Promise( ( resolve, reject ) => {
			options.signal.addEventListener( 'abort', () => reject( new Error( 'aborted' ) ) );
		} )
	} );
	const asked = silent.suggestions( 'M2', wanted, { stopped: () => false } );
	context.mock.timers.tick( 10001 );
	await assert.rejects( asked, { code: 'timeout' } );
} );
