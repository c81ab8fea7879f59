'use strict';

const assert = require( 'node:assert' );
const test = require( 'node:test' );
const stored = require( './stored.js' );
const verdicts = require( '../src/verdicts.js' );

const KEY = 'suggest-depicts-verdicts';
const WEEK = 7 * 24 * 3600;
const entry = ( n ) => ( {
	mid: 'M' + n, token: 't' + n, decisions: [ { item: 'Q1', verdict: 'accepted', revision: 8 } ]
} );
const now = () => Math.floor( Date.now() / 1000 );

/** A service that answers with the next of these: true, or why it fails; then with the last. */
function service( ...ends ) {
	const told = [];
	return { told, decide: ( ...all ) => {
		told.push( all );
		const end = ends.length > 1 ? ends.shift() : ends[ 0 ];
		return end === true ? Promise.resolve( {} ) : Promise.reject( end );
	} };
}

const UNREACHABLE = { code: 'unreachable', detail: '', retryAfter: 0, problem: '' };
const kept = ( store ) => JSON.parse( store.get( KEY ) || '[]' );

test( 'what arrives is not kept', async () => {
	const store = stored();
	const there = service( true );
	assert.strictEqual( await verdicts.handIn( there, entry( 2 ) ), true );
	assert.deepStrictEqual( there.told, [ [ 'M2', 't2', entry( 2 ).decisions ] ] );
	assert.deepStrictEqual( kept( store ), [] );
} );

test( 'what does not arrive is kept, and handed in at the next opening', async () => {
	const store = stored();
	assert.strictEqual( await verdicts.handIn( service( UNREACHABLE ), entry( 2 ) ), null );
	assert.strictEqual( kept( store ).length, 1 );
	const there = service( true );
	await verdicts.retry( there );
	assert.deepStrictEqual( there.told, [ [ 'M2', 't2', entry( 2 ).decisions ] ] );
	assert.deepStrictEqual( kept( store ), [] );
} );

test( 'it is kept while it is under way: the page may be closed', () => {
	const store = stored();
	verdicts.handIn( { decide: () => new Promise( () => {} ) }, entry( 2 ) );
	assert.strictEqual( kept( store ).length, 1 );
} );

test( 'no name is stored, whatever comes along', async () => {
	const store = stored();
	await verdicts.handIn( service( UNREACHABLE ), Object.assign( { user: 'Reviewer' }, entry( 2 ) ) );
	assert.deepStrictEqual( Object.keys( kept( store )[ 0 ] ), [ 'mid', 'token', 'decisions', 'at' ] );
	assert.doesNotMatch( [ ...store.values() ].join(), /Reviewer/ );
} );

for ( const problem of [ 'token-expired', 'token-invalid', 'bad-request' ] ) {
	test( `what the service will never take (${ problem }) is dropped`, async () => {
		const store = stored();
		const never = { code: 'down', detail: 'the token …', retryAfter: 0, problem };
		assert.strictEqual( await verdicts.handIn( service( never ), entry( 2 ) ), false );
		assert.deepStrictEqual( kept( store ), [] );
	} );
}

for ( const error of [
	UNREACHABLE, { code: 'limited', problem: 'rate-limited' }, { code: 'down', problem: 'unavailable' },
	{ code: 'timeout' }, { code: 'garbage' }, new TypeError( 'of ours' )
] ) {
	test( 'anything else may pass: ' + ( error.code || error ), async () => {
		const store = stored();
		assert.strictEqual( await verdicts.handIn( service( error ), entry( 2 ) ), null );
		assert.strictEqual( kept( store ).length, 1 );
	} );
}

test( 'one by one, until the service fails again', async () => {
	const store = stored();
	for ( const n of [ 1, 2, 3, 4 ] ) {
		await verdicts.handIn( service( UNREACHABLE ), entry( n ) );
	}
	const there = service( true, { code: 'down', problem: 'token-expired' }, UNREACHABLE );
	await verdicts.retry( there );
	assert.deepStrictEqual( there.told.map( ( all ) => all[ 0 ] ), [ 'M1', 'M2', 'M3' ] );
	assert.deepStrictEqual( kept( store ).map( ( one ) => one.mid ), [ 'M3', 'M4' ] );
} );

test( 'twenty at most: the oldest go', async () => {
	const store = stored();
	for ( let n = 1; n <= 25; n++ ) {
		await verdicts.handIn( service( UNREACHABLE ), entry( n ) );
	}
	assert.deepStrictEqual( kept( store ).map( ( one ) => one.mid ),
		Array.from( { length: 20 }, ( _, n ) => 'M' + ( n + 6 ) ) );
} );

test( 'a week at most, and nothing that is not ours', async () => {
	const store = stored();
	const at = ( n, age ) => Object.assign( entry( n ), { at: now() - age } );
	store.set( KEY, JSON.stringify( [ null, 3, 'x', {}, at( 1, WEEK + 5 ), at( 2, WEEK - 60 ) ] ) );
	const there = service( true );
	await verdicts.retry( there );
	assert.deepStrictEqual( there.told.map( ( all ) => all[ 0 ] ), [ 'M2' ] );
	for ( const garbage of [ '{}', '"x"', 'null', '7' ] ) {
		store.set( KEY, garbage );
		await verdicts.retry( service( new Error( 'asked' ) ) );
	}
} );

test( 'what another tab keeps meanwhile is not lost', async () => {
	const store = stored();
	await verdicts.handIn( service( UNREACHABLE ), entry( 1 ) );
	await verdicts.retry( { decide: () => {
		const other = Object.assign( entry( 2 ), { at: now() } );
		store.set( KEY, JSON.stringify( kept( store ).concat( other ) ) );
		return Promise.resolve( {} );
	} } );
	assert.deepStrictEqual( kept( store ).map( ( one ) => one.mid ), [ 'M2' ] );
} );

test( 'a browser that stores nothing loses only what does not arrive', async () => {
	stored( true );
	assert.strictEqual( await verdicts.handIn( service( true ), entry( 2 ) ), true );
	assert.strictEqual( await verdicts.handIn( service( UNREACHABLE ), entry( 2 ) ), false );
	await verdicts.retry( service( new Error( 'asked' ) ) );
} );
