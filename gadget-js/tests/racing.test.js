'use strict';

// laws: whatever the order in which requests and other people's edits meet the wiki

require( './gadgets.js' );
const assert = require( 'node:assert' );
const test = require( 'node:test' );
const claims = require( '../src/claims.js' );
const saving = require( '../src/saving.js' );
const { Wiki, refused } = require( './simulated_wiki.js' );

const ITEMS = [ 'Q1', 'Q2', 'Q3' ];
const RUNS = 600;

/** Numbers from 0 to 1, the same for the same seed (a linear congruence of 48 bits). */
function numbers( seed ) {
	let state = BigInt( seed ) * 2862933555777941757n + 3037000493n;
	return () => {
		state = ( state * 25214903917n + 11n ) % ( 1n << 48n );
		return Number( state >> 16n ) / 2 ** 32;
	};
}

/** Lets requests through one at a time, in any order. */
class Crossing {
	constructor( random ) {
		this.random = random;
		this.waiting = [];
	}

	wait() {
		return new Promise( ( resolve ) => this.waiting.push( resolve ) );
	}

	async through( promises ) {
		let open = true;
		const all = Promise.allSettled( promises ).then( ( ends ) => {
			open = false;
			return ends;
		} );
		while ( open ) {
			await new Promise( setImmediate );
			const at = Math.floor( this.random() * this.waiting.length );
			this.waiting.splice( at, 1 ).forEach( ( resolve ) => resolve() );
		}
		return all;
	}
}

/** One edit of somebody else: adds, builds on, changes or removes what is there. */
function meddle( wiki, random ) {
	const one = ( list ) => list[ Math.floor( random() * list.length ) ];
	const there = one( wiki.statements );
	const what = random();
	if ( !there || what < 0.5 ) {
		wiki.add( one( ITEMS.concat( 'Q8', 'Q9' ) ) );
	} else if ( what < 0.7 ) {
		wiki.change( there.id, { qualifiers: { P518: [ { snaktype: 'somevalue', property: 'P518' } ] } } );
	} else if ( what < 0.85 ) {
		wiki.change( there.id, { rank: one( [ 'preferred', 'normal', 'deprecated' ] ) } );
	} else {
		wiki.remove( there.id );
	}
}

function wish( random, offered ) {
	const items = ITEMS.filter( () => random() < 0.7 );
	return {
		mid: 'M2', user: 'Reviewer', summary: 's', tag: 'suggest-depicts', have: [],
		picks: items.concat( items.length ? [] : 'Q1' ).map( ( item ) => (
			{ item, rank: random() < 0.3 ? 'preferred' : 'normal' }
		) ),
		offered: () => Promise.resolve( offered || ITEMS )
	};
}

const isOurs = ( wiki, id ) => !wiki.foreign.has( id ) && /-8...-a...-/.test( id );

/** What the save says of each pick, held against what it saw last. */
function agrees( wiki, seen, result ) {
	for ( const [ item, fate ] of Object.entries( result.fates ) ) {
		const ids = claims.guids( seen, item );
		const own = ids.filter( ( id ) => isOurs( wiki, id ) );
		const told = `${ item } is ${ fate }, with ${ ids }`;
		assert.ok( own.length <= 1, told );
		assert.ok( !own.length || ids.length === 1 || fate === 'twice', told );
		assert.ok( fate !== 'returned' || !own.length && ids.length, told );
		assert.ok( fate !== 'absent' || !ids.length, told );
		assert.ok( fate !== 'saved' || ids.length, told );
		assert.ok( ![ 'redundant', 'withdrawn' ].includes( fate ) || !result.written.includes( item ), told );
	}
}

test( 'nothing of ours stands twice, nothing of anybody else\'s is harmed', async () => {
	const fates = new Set();
	for ( let seed = 1; seed <= RUNS; seed++ ) {
		const random = numbers( seed );
		let seen = null;
		const wiki = new Wiki( random() < 0.3 ? null : ITEMS.concat( 'Q9' ).filter( () => random() < 0.2 ), {
			before: () => {
				while ( random() < 0.3 ) {
					meddle( wiki, random );
				}
			},
			after: ( { action }, answer ) => {
				seen = action === 'wbgetentities' ? answer.entities.M2 : seen;
				return answer;
			}
		} );
		const answer = wiki.answer.bind( wiki );
		// a conflict with another edit at the same instant
		wiki.answer = ( parameters ) => /^wb(edit|rem)/.test( parameters.action ) && random() < 0.1 ?
			refused( 'conflict' ) : answer( parameters );
		const wanted = wish( random );
		const result = await saving.save( wiki.api(), wanted ).catch( ( error ) => error );
		assert.deepStrictEqual( wiki.harmed(), [], 'seed ' + seed );
		assert.ok( wiki.posts().length <= 2, 'seed ' + seed );
		if ( result.fates ) {
			agrees( wiki, seen, result );
			assert.deepStrictEqual( Object.keys( result.fates ), wanted.picks.map( ( one ) => one.item ) );
			Object.values( result.fates ).forEach( ( fate ) => fates.add( fate ) );
		} else {
			assert.ok( [ 'changing', 'failed-save', 'editconflict' ].includes( result.code ) ||
				/BadRevision/.test( result.code ), JSON.stringify( result ) );
			assert.deepStrictEqual( wiki.statements.filter( ( one ) => isOurs( wiki, one.id ) ), [] );
		}
	}
	// the runs meet all that can happen; withdrawn: somebody else's that was removed meanwhile
	assert.deepStrictEqual( [ ...fates ].sort(), [ 'absent', 'redundant', 'returned', 'saved', 'twice', 'withdrawn' ] );
} );

test( 'tabs that save at once leave one statement of each value, and one says "saved"', async () => {
	const fates = new Set();
	for ( let seed = 1; seed <= RUNS; seed++ ) {
		const random = numbers( seed );
		const crossing = new Crossing( random );
		const wiki = new Wiki( random() < 0.5 ? null : [], { before: () => crossing.wait() } );
		wiki.add( 'Q9' );
		const wishes = Array.from( { length: 2 + seed % 2 }, () => wish( random ) );
		const ends = await crossing.through( wishes.map( ( one ) => saving.save( wiki.api(), one ) ) );
		const done = ends.filter( ( end ) => end.value );
		ends.filter( ( end ) => end.reason ).forEach(
			( end ) => assert.strictEqual( end.reason.code, 'changing' ) );
		for ( const item of new Set( [].concat( ...done.map( ( end ) => Object.keys( end.value.fates ) ) ) ) ) {
			const told = done.map( ( end ) => end.value.fates[ item ] ).filter( ( fate ) => fate );
			told.forEach( ( fate ) => fates.add( fate ) );
			assert.strictEqual( wiki.ids( item ).length, 1, `seed ${ seed }: ${ item } ${ told }` );
			assert.strictEqual( told.filter( ( fate ) => fate === 'saved' ).length, 1, `seed ${ seed }: ${ told }` );
		}
		assert.deepStrictEqual( wiki.harmed(), [] );
	}
	assert.deepStrictEqual( [ ...fates ].sort(), [ 'redundant', 'returned', 'saved' ] );
} );

test( 'tabs and somebody else at once leave one statement of each value', async () => {
	for ( let seed = 1; seed <= RUNS; seed++ ) {
		const random = numbers( seed );
		const crossing = new Crossing( random );
		const wiki = new Wiki( [], { before: () => crossing.wait() } );
		const theirs = ITEMS.filter( () => random() < 0.5 );
		const adding = theirs.map( ( item ) => crossing.wait().then( () => wiki.ids( item ).length ||
			wiki.add( item ) ) );
		const wishes = [ wish( random ), wish( random ) ];
		const saves = wishes.map( ( one ) => saving.save( wiki.api(), one ) );
		await crossing.through( saves.concat( adding ) );
		for ( const item of new Set( theirs.concat( ...wishes.map( ( one ) => one.picks.map( ( pick ) => pick.item ) ) ) ) ) {
			assert.strictEqual( wiki.ids( item ).length, 1, `seed ${ seed }: ${ item }` );
		}
		assert.deepStrictEqual( wiki.harmed(), [] );
	}
} );

test( 'an edit that is sent twice makes no second statement', async () => {
	const wiki = new Wiki( [] );
	const answer = wiki.answer.bind( wiki );
	// as a proxy does that repeats a request
	wiki.answer = ( parameters ) => {
		answer( parameters );
		return answer( parameters );
	};
	const result = await saving.save( wiki.api(), Object.assign( wish( () => 0 ), {} ) );
	assert.deepStrictEqual( result.fates, { Q1: 'saved', Q2: 'saved', Q3: 'saved' } );
	assert.strictEqual( wiki.statements.length, 3 );
} );
