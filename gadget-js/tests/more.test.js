'use strict';

// what the dialog does after the first sight, on a dialog that is plain data

const assert = require( 'node:assert' );
const Module = require( 'node:module' );
const test = require( 'node:test' );

const core = {
	asking: require( '../src/asking.js' ),
	claims: require( '../src/claims.js' ),
	verdicts: require( '../src/verdicts.js' ),
	messages: {
		text: ( key, ...all ) => [ key, ...all ].join( ' ' ),
		list: ( names ) => names.join(),
		foreign: () => null
	},
	page: { AGREED: 'userjs-x' }
};
const load = Module._load;
Module._load = function ( name, ...all ) {
	return name === 'ext.gadget.suggest-depicts-core' ? core :
		name === '@wikimedia/codex' ? {} : load.call( this, name, ...all );
};
const flow = require( '../src/flow.js' );
const more = require( '../src/more.js' );

const card = ( item ) => ( { item, label: 'label of ' + item } );

function dialog( changed ) {
	const focused = [];
	return Object.assign( {
		focused,
		step: 'offer', part: '', told: null, result: null, lost: '', refining: '',
		answer: { suggestions: [ card( 'Q1' ), card( 'Q2' ) ], token: 't', have: [] },
		cards: [ card( 'Q1' ), card( 'Q2' ) ], picks: [], picked: [], verdicts: {},
		page: { mid: 'M2', service: 'https://service.test', language: 'de' }, clients: { wiki: {} },
		rank( item, rank ) {
			this.picks = this.picks.concat( { item, rank } );
		},
		offer( answer ) {
			this.offered = answer;
		},
		$nextTick: () => Promise.resolve(),
		$refs: { chips: { querySelector: ( what ) => ( { focus: () => focused.push( what ) } ) } }
	}, changed );
}

test( 'one verdict for an item, and none where it is taken back', () => {
	const made = dialog();
	more.judge( made, 'Q1', 'rejected' );
	assert.deepStrictEqual( [ made.verdicts, made.refining ], [ { Q1: 'rejected' }, '' ] );
	more.judge( made, 'Q1', 'too-general' );
	assert.deepStrictEqual( [ made.verdicts, made.refining ], [ { Q1: 'too-general' }, 'Q1' ] );
	more.judge( made, 'Q2', 'rejected' );
	assert.strictEqual( made.refining, 'Q1' );
	more.judge( made, 'Q1', '' );
	assert.deepStrictEqual( [ made.verdicts, made.refining ], [ { Q2: 'rejected' }, '' ] );
} );

test( 'what is approved is not spoken against, and the wiki is looked at in good time', async () => {
	const asked = [];
	flow.check = ( ...all ) => {
		asked.push( all );
		return Promise.reject( { code: 'strange' } );
	};
	const made = dialog( { verdicts: { Q1: 'too-general' }, refining: 'Q1' } );
	await more.picked( made, 'Q1' );
	assert.deepStrictEqual( [ made.verdicts, made.refining ], [ {}, '' ] );
	assert.deepStrictEqual( asked, [ [ made.clients, made.page ] ] );
	assert.strictEqual( made.told, null, 'the save tells' );
} );

test( 'what is taken stands below what it replaces, is approved, and has the focus', async () => {
	const made = dialog( { refining: 'Q1' } );
	await more.take( made, card( 'Q7' ), 'Q1' );
	assert.deepStrictEqual( made.cards.map( ( one ) => one.item ), [ 'Q1', 'Q7', 'Q2' ] );
	assert.deepStrictEqual( made.picks, [ { item: 'Q7', rank: 'normal' } ] );
	assert.deepStrictEqual( made.focused, [ '[data-item=Q7] a' ] );
	assert.strictEqual( made.refining, '' );
	await more.take( made, card( 'Q8' ) );
	assert.deepStrictEqual( made.cards.map( ( one ) => one.item ), [ 'Q1', 'Q7', 'Q2', 'Q8' ] );
} );

test( 'what is there already is approved, and stands there once', async () => {
	const made = dialog();
	await more.take( made, card( 'Q2' ) );
	assert.deepStrictEqual( made.cards.map( ( one ) => one.item ), [ 'Q1', 'Q2' ] );
	assert.strictEqual( made.picks.length, 1 );
} );

test( 'a save hands on picks, ranks and verdicts, and says how it ended', async () => {
	const asked = [];
	let arrive;
	const result = { written: [ 'Q1' ], fates: { Q1: 'saved' }, revision: 9 };
	flow.save = ( ...all ) => {
		asked.push( all.slice( 3 ) );
		return Promise.resolve( { result, told: new Promise( ( resolve ) => {
			arrive = resolve;
		} ) } );
	};
	const made = dialog( {
		picks: [ { item: 'Q1', rank: 'preferred' } ], picked: [ card( 'Q1' ) ],
		verdicts: { Q2: 'rejected' }
	} );
	await more.save( made );
	assert.deepStrictEqual( asked, [
		[ [ { item: 'Q1', rank: 'preferred' } ], { Q2: 'rejected' } ]
	] );
	assert.deepStrictEqual( [ made.step, made.part, made.told.title, made.result, made.lost ],
		[ 'saved', 'Outcome', 'saved 1', result, '' ] );
	arrive( null );
	await new Promise( setImmediate );
	assert.strictEqual( made.lost, 'verdict-lost' );
} );

test( 'after a refusal there is another try, after an end that nobody knows there is none', async () => {
	for ( const [ code, step, part ] of [
		[ 'readonly', 'offer', '' ], [ 'uncertain', 'uncertain', 'Outcome' ]
	] ) {
		flow.save = () => Promise.reject( { code, names: [], info: '' } );
		const picks = [ { item: 'Q1', rank: 'normal' } ];
		const made = dialog( { picks, step: 'saving' } );
		await more.save( made );
		assert.deepStrictEqual( [ made.step, made.part, made.picks ], [ step, part, picks ] );
		assert.ok( made.told.title );
	}
} );

test( 'where nothing is picked, what was said is handed in and nothing is saved', async () => {
	flow.save = () => assert.fail( 'saved' );
	for ( const [ arrived, title ] of [
		[ true, 'told' ], [ null, 'verdict-lost' ], [ false, 'verdict-gone' ]
	] ) {
		flow.tell = () => Promise.resolve( arrived );
		const made = dialog( { verdicts: { Q1: 'rejected' } } );
		await more.save( made );
		assert.deepStrictEqual( [ made.step, made.told.title ], [ 'told', title ] );
	}
} );

test( 'what is handed in without a save leaves the dialog as it is', async () => {
	flow.tell = ( clients, page, answer, said ) => Promise.resolve( said.Q1 === 'rejected' );
	const made = dialog( { verdicts: { Q1: 'rejected' } } );
	assert.deepStrictEqual( await more.tell( made ),
		{ type: 'success', again: false, title: 'told' } );
	assert.deepStrictEqual( [ made.step, made.told ], [ 'offer', null ] );
} );

test( 'silence is told with its reason, a failure as a failure', async () => {
	const made = dialog();
	const nothing = { outcome: 'nothing', reason: 'not-sure' };
	assert.strictEqual( await more.silent( made, nothing ), nothing );
	assert.deepStrictEqual( [ made.step, made.told.text ], [ 'silent', 'nothing-not-sure not-sure' ] );
	await more.silent( made, { code: 'timeout', detail: '' } );
	assert.match( made.told.text, /^trouble-timeout/ );
} );

test( 'an artwork is looked for where the file is left out as one', async () => {
	const pages = ( content ) => ( { query: { pages: [ { revisions: [ { slots: { main: { content } } } ] } ] } } );
	const wiki = ( content ) => ( { get: ( asked ) => Promise.resolve(
		asked.action === 'query' ? pages( content ) :
			{ entities: { M2: { id: 'M2', missing: '' }, Q5: { labels: { de: { value: 'Werk' } } } } } ) } );
	const left = { outcome: 'skipped', reason: 'artwork', suggestions: [] };
	const named = dialog( { clients: { wiki: wiki( '{{Artwork|wikidata=Q5}}' ) } } );
	await more.silent( named, left );
	assert.strictEqual( named.offered.suggestions[ 0 ].item, 'Q5' );
	const unnamed = dialog( { clients: { wiki: wiki( '{{Artwork}}' ) } } );
	await more.silent( unnamed, left );
	assert.match( unnamed.told.text, /^skipped-artwork/ );
	const broken = dialog( { clients: { wiki: {
		get: () => Promise.reject( { code: 'http', names: [], info: '' } )
	} } } );
	assert.strictEqual( ( await more.silent( broken, left ) ).code, 'http' );
	assert.match( broken.told.text, /^trouble-wiki/ );
} );

test( 'an answer to an earlier question changes nothing', async () => {
	const made = dialog( { question: 1, step: 'loading' } );
	const ended = more.silent( made, { outcome: 'nothing', reason: 'not-sure' } );
	made.question = 2;
	await ended;
	assert.strictEqual( made.step, 'loading' );
} );

test( 'the question of consent names the service', () => {
	const made = dialog();
	more.consent( made );
	assert.deepStrictEqual( [ made.step, made.part, made.told.text ],
		[ 'consent', 'Consent', 'consent-sent service.test' ] );
} );
