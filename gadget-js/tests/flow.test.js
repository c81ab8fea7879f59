'use strict';

require( './gadgets.js' );
const assert = require( 'node:assert' );
const test = require( 'node:test' );
const asking = require( '../src/asking.js' );
const flow = require( '../src/flow.js' );
const stored = require( './stored.js' );
const { Wiki, refused } = require( './simulated_wiki.js' );

const PAGE = { mid: 'M2', user: 'Reviewer', language: 'de' };
const ANSWER = {
	outcome: 'suggested', token: 't', model_version: 'v-1',
	suggestions: [ { item: 'Q1' }, { item: 'Q2' }, { item: 'Q3' } ], have: []
};
const picks = ( ...items ) => items.map( ( item ) => ( { item, rank: 'normal' } ) );
const said = ( item, verdict, revision ) => Object.assign( { item, verdict }, revision ? { revision } : {} );

/** A wiki with these items, and a service that takes everything down. */
function clients( ...items ) {
	const store = stored();
	const wiki = new Wiki( items );
	const asked = [];
	const decided = [];
	return { simulated: wiki, store, asked, decided, wiki: wiki.api(), service: {
		suggestions: ( ...all ) => {
			asked.push( all );
			return Promise.resolve( ANSWER );
		},
		decide: ( ...all ) => {
			decided.push( all );
			return Promise.resolve( {} );
		}
	} };
}

const actions = ( made ) => made.simulated.asked.map( ( one ) => one.action );

// --- asking ---

test( 'the service is told what the file says already; one request to the wiki comes before', async () => {
	const made = clients( 'Q9' );
	const answer = await asking.ask( made, PAGE, {} );
	assert.deepStrictEqual( made.asked, [ [ 'M2', { language: 'de', have: [ 'Q9' ] }, {} ] ] );
	assert.deepStrictEqual( answer.have, [ 'Q9' ] );
	assert.deepStrictEqual( actions( made ), [ 'wbgetentities' ] );
} );

test( 'what the wiki does not tell, the service is not asked for', async () => {
	const made = clients();
	made.simulated.before = () => Promise.reject( new Error( 'lost' ) );
	await assert.rejects( asking.ask( made, PAGE, {} ), { code: 'http' } );
	assert.deepStrictEqual( made.asked, [] );
} );

test( 'verdicts that did not arrive are handed in at the next opening, after the answer', async () => {
	const made = clients();
	const decide = made.service.decide;
	made.service.decide = () => Promise.reject( { code: 'unreachable' } );
	const { told } = await flow.save( made, PAGE, ANSWER, picks( 'Q1' ) );
	assert.strictEqual( await told, null );
	made.service.decide = decide;
	await asking.ask( made, PAGE, {} );
	assert.deepStrictEqual( made.decided.map( ( all ) => all.slice( 0, 2 ) ), [ [ 'M2', 't' ] ] );
	await new Promise( setImmediate );
	await asking.ask( made, PAGE, {} );
	assert.strictEqual( made.decided.length, 1 );
} );

// --- the summary ---

test( 'edits that belong together say so in their summaries, as Edit groups reads it', async () => {
	const made = clients();
	await flow.save( made, Object.assign( { group: 'suggest-depicts/0a1b' }, PAGE ), ANSWER, picks( 'Q1' ) );
	await flow.save( made, PAGE, ANSWER, picks( 'Q2' ) );
	assert.deepStrictEqual( made.simulated.posts().map( ( { summary } ) => summary ), [
		'Suggest depicts, model v-1 ([[:toolforge:editgroups-commons/b/suggest-depicts/0a1b|details]])',
		'Suggest depicts, model v-1'
	] );
} );

// --- the check ---

test( 'the wiki is checked once, before the first save', async () => {
	const made = clients();
	await flow.check( made, PAGE );
	await flow.save( made, PAGE, ANSWER, picks( 'Q1' ) );
	await flow.save( made, PAGE, ANSWER, picks( 'Q2' ) );
	assert.strictEqual( actions( made ).filter( ( one ) => one === 'paraminfo' ).length, 1 );
	assert.strictEqual( actions( made )[ 0 ], 'paraminfo' );
} );

test( 'nothing is written to a wiki that is not what we know; it is asked again the next time', async () => {
	const made = clients();
	const paraminfo = made.simulated.paraminfo;
	made.simulated.paraminfo = () => ( { paraminfo: { modules: [] } } );
	await assert.rejects( flow.save( made, PAGE, ANSWER, picks( 'Q1' ) ), { code: 'strange' } );
	assert.deepStrictEqual( actions( made ), [ 'paraminfo' ] );
	made.simulated.paraminfo = paraminfo;
	const { result } = await flow.save( made, PAGE, ANSWER, picks( 'Q1' ) );
	assert.deepStrictEqual( result.fates, { Q1: 'saved' } );
} );

test( 'nothing is written for somebody who is not logged in any more', async () => {
	const made = clients();
	made.simulated.user = 'Other';
	await assert.rejects( flow.save( made, PAGE, ANSWER, picks( 'Q1' ) ), { code: 'assertnameduserfailed' } );
	assert.deepStrictEqual( made.simulated.statements, [] );
} );

// --- saving ---

test( 'verdicts: ours with the revision, there before without, judged, the rest are skips', async () => {
	const made = clients( 'Q2' );
	const answer = Object.assign( {}, ANSWER, { suggestions: ANSWER.suggestions.concat( { item: 'Q4' } ) } );
	const { result, told } = await flow.save( made, PAGE, Object.assign( answer, { have: [ 'Q2' ] } ),
		picks( 'Q1', 'Q2' ), { Q3: 'rejected' } );
	assert.strictEqual( await told, true );
	assert.strictEqual( made.simulated.posts()[ 0 ].summary, 'Suggest depicts, model v-1' );
	assert.deepStrictEqual( made.decided, [ [ 'M2', 't', [
		said( 'Q1', 'accepted', result.revision ), said( 'Q2', 'accepted' ), said( 'Q3', 'rejected' ),
		said( 'Q4', 'skipped' )
	] ] ] );
} );

for ( const [ fate, expected ] of Object.entries( {
	saved: [ said( 'Q1', 'accepted', 8 ) ], twice: [ said( 'Q1', 'accepted', 8 ) ],
	unread: [ said( 'Q1', 'accepted', 8 ) ], returned: [ said( 'Q1', 'accepted' ) ],
	redundant: [ said( 'Q1', 'accepted' ) ], withdrawn: [ said( 'Q1', 'accepted' ) ], absent: []
} ) ) {
	test( `what is ${ fate } is told as that`, () => {
		const guids = [ 'saved', 'twice', 'unread' ].includes( fate ) ? { Q1: 'M2$1' } : {};
		const result = { written: [ 'Q1' ], revision: 8, fates: { Q1: fate }, guids };
		assert.deepStrictEqual( flow.decisions( [ 'Q1', 'Q2', 'Q3' ], result, { Q1: 'rejected', Q2: 'too-general' } ),
			expected.concat( said( 'Q2', 'too-general' ), said( 'Q3', 'skipped' ) ) );
	} );
}

test( 'where there is nothing to tell, nothing is sent and nothing is lost', async () => {
	const made = clients();
	made.simulated.wbeditentity = () => ( { entity: { lastrevid: 8 }, success: 1 } );
	const only = Object.assign( {}, ANSWER, { suggestions: [ { item: 'Q1' } ] } );
	const { result, told } = await flow.save( made, PAGE, only, picks( 'Q1' ) );
	assert.deepStrictEqual( result.fates, { Q1: 'absent' } );
	assert.strictEqual( await told, true );
	assert.deepStrictEqual( made.decided, [] );
} );

test( 'a lost verdict loses no statement, and waits', async () => {
	const made = clients();
	made.service.decide = () => Promise.reject( { code: 'unreachable' } );
	const { result, told } = await flow.save( made, PAGE, ANSWER, picks( 'Q1' ) );
	assert.strictEqual( await told, null );
	assert.deepStrictEqual( result.fates, { Q1: 'saved' } );
	assert.match( made.store.get( 'suggest-depicts-verdicts' ), /"M2","token":"t"/ );
	assert.doesNotMatch( made.store.get( 'suggest-depicts-verdicts' ), /Reviewer/ );
} );

test( 'a service that takes its time does not hide a finished save', async () => {
	const made = clients();
	made.service.decide = () => new Promise( () => {} );
	const { result } = await flow.save( made, PAGE, ANSWER, picks( 'Q1' ) );
	assert.deepStrictEqual( result.fates, { Q1: 'saved' } );
} );

test( 'a double click is one save, and is told once', async () => {
	const made = clients();
	const wanted = picks( 'Q1' );
	const [ one, two ] = await Promise.all( [
		flow.save( made, PAGE, ANSWER, wanted ), flow.save( made, PAGE, ANSWER, wanted )
	] );
	assert.strictEqual( one.result, two.result );
	assert.strictEqual( made.simulated.posts().length, 1 );
	assert.strictEqual( made.decided.length, 1 );
	const { result } = await flow.save( made, PAGE, ANSWER, wanted );
	assert.deepStrictEqual( result.fates, { Q1: 'redundant' } );
	assert.strictEqual( made.simulated.posts().length, 1 );
} );

test( 'a click after a failed save is another save', async () => {
	const made = clients();
	const answer = made.simulated.wbeditentity;
	made.simulated.wbeditentity = () => refused( 'readonly' );
	const wanted = Object.freeze( picks( 'Q1' ) );
	await assert.rejects( flow.save( made, PAGE, ANSWER, wanted ), { code: 'readonly' } );
	assert.deepStrictEqual( made.decided, [] );
	made.simulated.wbeditentity = answer;
	assert.deepStrictEqual( ( await flow.save( made, PAGE, ANSWER, wanted ) ).result.fates, { Q1: 'saved' } );
} );

test( 'an artwork is saved as such: no model is named, and the service is neither asked nor told', async () => {
	const made = clients( 'Q1' );
	const answer = { property: 'P6243', suggestions: [ { item: 'Q12418' } ], have: [] };
	const { result, told } = await flow.save( made, PAGE, answer, picks( 'Q12418' ) );
	assert.deepStrictEqual( result.fates, { Q12418: 'saved' } );
	assert.strictEqual( await told, true );
	assert.strictEqual( made.simulated.ids( 'Q12418', 'P6243' ).length, 1 );
	assert.strictEqual( made.simulated.posts()[ 0 ].summary, 'Suggest depicts' );
	assert.deepStrictEqual( [ made.asked, made.decided ], [ [], [] ] );
} );

test( 'a file that represents another artwork by now gets no second one', async () => {
	const made = clients();
	made.simulated.add( 'Q99', 'P6243' );
	const answer = { property: 'P6243', suggestions: [ { item: 'Q12418' } ], have: [] };
	const { result } = await flow.save( made, PAGE, answer, picks( 'Q12418' ) );
	assert.deepStrictEqual( result.fates, { Q12418: 'withdrawn' } );
	assert.strictEqual( made.simulated.posts().length, 0 );
} );

// --- a file that changes ---

test( 'a file that changed is asked about again, with what it says now', async () => {
	const made = clients( 'Q9' );
	// Q1 lies above Q9; Q7 the person has looked up
	made.service.suggestions = ( ...all ) => {
		made.asked.push( all.slice( 0, 2 ) );
		return Promise.resolve( { outcome: 'suggested', suggestions: [ { item: 'Q2' } ] } );
	};
	const { result } = await flow.save( made, PAGE, ANSWER, picks( 'Q1', 'Q2', 'Q7' ) );
	assert.deepStrictEqual( made.asked, [ [ 'M2', { language: 'de', have: [ 'Q9' ] } ] ] );
	assert.deepStrictEqual( result.fates, { Q1: 'withdrawn', Q2: 'saved', Q7: 'saved' } );
} );

for ( const answer of [
	() => Promise.reject( { code: 'unreachable' } ),
	() => Promise.resolve( { outcome: 'pending', suggestions: [] } ),
	() => Promise.resolve( { outcome: 'failed', suggestions: [] } ),
	() => Promise.resolve( { outcome: 'paused', suggestions: [] } )
] ) {
	test( 'a changed file about which nobody answers is not written to: ' + answer, async () => {
		const made = clients( 'Q9' );
		made.service.suggestions = answer;
		await assert.rejects( flow.save( made, PAGE, ANSWER, picks( 'Q1' ) ), { code: 'unchecked' } );
		assert.deepStrictEqual( made.simulated.posts(), [] );
		assert.deepStrictEqual( made.decided, [] );
	} );
}

// --- verdicts alone ---

test( 'what was judged is told without a save, and the rest are skips', async () => {
	const made = clients();
	assert.strictEqual( await flow.tell( made, PAGE, ANSWER, { Q2: 'too-specific' } ), true );
	assert.deepStrictEqual( made.decided, [ [ 'M2', 't', [
		said( 'Q1', 'skipped' ), said( 'Q2', 'too-specific' ), said( 'Q3', 'skipped' )
	] ] ] );
	assert.deepStrictEqual( actions( made ), [] );
} );

test( 'where nothing was judged, nothing is told', async () => {
	const made = clients();
	assert.strictEqual( await flow.tell( made, PAGE, ANSWER, {} ), true );
	assert.deepStrictEqual( made.decided, [] );
} );
