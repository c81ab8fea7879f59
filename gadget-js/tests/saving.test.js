'use strict';

require( './gadgets.js' );
const assert = require( 'node:assert' );
const test = require( 'node:test' );
const claims = require( '../src/claims.js' );
const saving = require( '../src/saving.js' );
const { Wiki, recorded, refused } = require( './simulated_wiki.js' );

const pick = ( item, rank ) => ( { item, rank: rank || 'normal' } );

function wish( ...picks ) {
	const all = picks.map( ( one ) => typeof one === 'string' ? pick( one ) : one );
	return {
		mid: 'M2', picks: all, user: 'Reviewer', summary: 's', tag: 'suggest-depicts', have: [],
		offered: () => Promise.resolve( all.map( ( one ) => one.item ) )
	};
}

const save = ( wiki, ...picks ) => saving.save( wiki.api(), wish( ...picks ) );
const undo = ( wiki, guid ) => saving.undo( wiki.api(), {
	mid: 'M2', guid, user: 'Reviewer', summary: 'u', tag: 'suggest-depicts'
} );

/** Answers this to edits until there is nothing left to answer; null: as the wiki does. */
function scripted( items, ...answers ) {
	const wiki = new Wiki( items );
	const answer = wiki.answer.bind( wiki );
	wiki.answer = ( parameters ) => parameters.action === 'wbeditentity' && answers.length &&
		answers.shift() || answer( parameters );
	return wiki;
}

/** Does something just before the nth request of an action. */
function meanwhile( wiki, action, number, what ) {
	let seen = 0;
	wiki.before = ( parameters ) => parameters.action === action && ++seen === number && what();
	return wiki;
}

test( 'several picks are one edit, with all that belongs to it', async () => {
	const wiki = new Wiki( null );
	const result = await save( wiki, 'Q146', pick( 'Q144', 'preferred' ) );
	assert.deepStrictEqual( result, {
		revision: wiki.now.revision, written: [ 'Q146', 'Q144' ], tagged: true,
		fates: { Q146: 'saved', Q144: 'saved' },
		guids: { Q146: wiki.statements[ 0 ].id, Q144: wiki.statements[ 1 ].id }
	} );
	assert.strictEqual( wiki.posts().length, 1 );
	const sent = wiki.posts()[ 0 ];
	assert.deepStrictEqual( Object.keys( sent ).sort(), [
		'action', 'assert', 'assertuser', 'baserevid', 'data', 'id', 'maxlag', 'summary', 'tags'
	] );
	assert.strictEqual( sent.baserevid, 7 );
	assert.strictEqual( sent.assertuser, 'Reviewer' );
	assert.strictEqual( sent.maxlag, 5 );
	assert.strictEqual( sent.tags, 'suggest-depicts' );
	assert.deepStrictEqual( Object.keys( JSON.parse( sent.data ) ), [ 'claims' ] );
	assert.deepStrictEqual( wiki.statements.map( ( one ) => one.rank ), [ 'normal', 'preferred' ] );
} );

test( 'an artwork goes the same way, and what the file depicts does not matter', async () => {
	const wiki = new Wiki( [ 'Q146' ] );
	const wanted = Object.assign( wish( 'Q12418' ), { property: 'P6243' } );
	const result = await saving.save( wiki.api(), wanted );
	assert.deepStrictEqual( result.fates, { Q12418: 'saved' } );
	assert.deepStrictEqual( wiki.ids( 'Q12418', 'P6243' ), [ result.guids.Q12418 ] );
	assert.deepStrictEqual( wiki.ids( 'Q12418' ), [] );
	assert.deepStrictEqual( ( await saving.save( wiki.api(), wanted ) ).fates, { Q12418: 'redundant' } );
	await undo( wiki, result.guids.Q12418 );
	assert.deepStrictEqual( wiki.ids( 'Q12418', 'P6243' ), [] );
	assert.deepStrictEqual( wiki.harmed(), [] );
} );

test( 'the base revision is read before the entity', async () => {
	const wiki = new Wiki( null );
	await save( wiki, 'Q146' );
	assert.deepStrictEqual( wiki.asked.map( ( one ) => one.action ), [
		'query', 'wbgetentities', 'wbeditentity', 'query', 'wbgetentities'
	] );
} );

test( 'an edit between the two readings is seen, and the base is the older', async () => {
	const wiki = new Wiki( [ 'Q9' ] );
	const before = wiki.now.revision;
	meanwhile( wiki, 'wbgetentities', 1, () => wiki.add( 'Q146' ) );
	const wanted = Object.assign( wish( 'Q146', 'Q144' ), { have: [ 'Q9', 'Q146' ] } );
	const result = await saving.save( wiki.api(), wanted );
	assert.deepStrictEqual( result.fates, { Q146: 'redundant', Q144: 'saved' } );
	assert.strictEqual( wiki.posts()[ 0 ].baserevid, before );
} );

test( 'what the file says already is not written again', async () => {
	const wiki = new Wiki( [ 'Q146' ] );
	const result = await save( wiki, 'Q146', 'Q144', 'Q144' );
	assert.deepStrictEqual( result.written, [ 'Q144' ] );
	assert.deepStrictEqual( result.fates, { Q146: 'redundant', Q144: 'saved' } );
	assert.deepStrictEqual( Object.keys( result.guids ), [ 'Q144' ] );
	assert.strictEqual( wiki.statements.length, 2 );
} );

test( 'nothing left to write is no edit', async () => {
	const wiki = new Wiki( [ 'Q146' ] );
	assert.deepStrictEqual( await save( wiki, 'Q146' ), {
		revision: null, written: [], tagged: false, fates: { Q146: 'redundant' }, guids: {}
	} );
	assert.strictEqual( wiki.posts().length, 0 );
} );

// --- what the file says meanwhile ---

test( 'an unchanged file is not asked about again', async () => {
	const wiki = new Wiki( [ 'Q9' ] );
	const offered = () => Promise.reject( new Error( 'asked' ) );
	const wanted = Object.assign( wish( 'Q146' ), { have: [ 'Q9', 'Q8' ], offered } );
	assert.deepStrictEqual( ( await saving.save( wiki.api(), wanted ) ).fates, { Q146: 'saved' } );
} );

test( 'what is not suggested any more is not written', async () => {
	const wiki = new Wiki( [ 'Q9' ] );
	const asked = [];
	const offered = ( present ) => {
		asked.push( present );
		return Promise.resolve( [ 'Q144' ] );
	};
	const wanted = Object.assign( wish( 'Q146', 'Q144' ), { offered } );
	assert.deepStrictEqual( ( await saving.save( wiki.api(), wanted ) ).fates,
		{ Q146: 'withdrawn', Q144: 'saved' } );
	assert.deepStrictEqual( asked, [ [ 'Q9' ] ] );
} );

test( 'where nobody can tell, nothing is written', async () => {
	const wiki = new Wiki( [ 'Q9' ] );
	const wanted = Object.assign( wish( 'Q146' ), { offered: () => Promise.reject( new Error() ) } );
	await assert.rejects( saving.save( wiki.api(), wanted ), { code: 'unchecked' } );
	assert.strictEqual( wiki.posts().length, 0 );
} );

test( 'a file that changes for ever is given up', async () => {
	const wiki = new Wiki( [] );
	let number = 0;
	wiki.before = ( { action } ) => action === 'wbgetentities' && wiki.add( 'Q' + ++number );
	await assert.rejects( save( wiki, 'Q146' ), { code: 'changing' } );
	assert.strictEqual( number, 3 );
	assert.strictEqual( wiki.posts().length, 0 );
} );

// --- one retry, and only where nothing can have been written ---

for ( const reason of [ 'conflict', 'created' ] ) {
	test( `after "${ reason }" the file is read again, and the edit sent once more`, async () => {
		const wiki = scripted( [], refused( reason ) );
		const result = await save( wiki, 'Q146' );
		assert.deepStrictEqual( result.fates, { Q146: 'saved' } );
		assert.deepStrictEqual( wiki.asked.map( ( one ) => one.action ).slice( 0, 6 ), [
			'query', 'wbgetentities', 'wbeditentity', 'query', 'wbgetentities', 'wbeditentity'
		] );
		assert.strictEqual( wiki.posts()[ 0 ].data, wiki.posts()[ 1 ].data );
	} );

	test( `a second "${ reason }" is handed on`, async () => {
		const wiki = scripted( [], refused( reason ), refused( reason ) );
		await assert.rejects( save( wiki, 'Q146' ), refused( reason ).error.code );
		assert.strictEqual( wiki.posts().length, 2 );
		assert.deepStrictEqual( wiki.statements, [] );
	} );
}

test( 'what somebody else wrote before the second try is not written', async () => {
	const wiki = scripted( [], refused( 'conflict' ) );
	meanwhile( wiki, 'query', 2, () => wiki.add( 'Q146' ) );
	assert.deepStrictEqual( ( await save( wiki, 'Q146', 'Q144' ) ).fates,
		{ Q146: 'redundant', Q144: 'saved' } );
	assert.strictEqual( wiki.ids( 'Q146' ).length, 1 );
} );

test( 'a MediaInfo that is created between reading and writing is no obstacle', async () => {
	const wiki = new Wiki( null );
	meanwhile( wiki, 'wbeditentity', 1, () => wiki.add( 'Q9' ) );
	const result = await save( wiki, 'Q146' );
	assert.deepStrictEqual( result.fates, { Q146: 'saved' } );
	assert.strictEqual( wiki.posts().length, 2 );
	assert.deepStrictEqual( wiki.harmed(), [] );
} );

test( 'a wiki without the tag gets the edit without it, once, and that is told', async () => {
	const wiki = new Wiki( [] );
	wiki.tags = [];
	const result = await save( wiki, 'Q146' );
	assert.deepStrictEqual( wiki.posts().map( ( one ) => one.tags ), [ 'suggest-depicts', undefined ] );
	assert.strictEqual( result.tagged, false );
	assert.strictEqual( wiki.ids( 'Q146' ).length, 1 );
} );

test( 'no more than one retry, whatever the reasons', async () => {
	const wiki = scripted( [], refused( 'tag' ), refused( 'conflict' ) );
	await assert.rejects( save( wiki, 'Q146' ) );
	assert.strictEqual( wiki.posts().length, 2 );
} );

for ( const one of recorded.errors ) {
	const code = one.answer.error.code;
	test( `line ${ one.line } (${ one.reason }) is handed on, and leaves the picks as they are`, async () => {
		const again = [ 'conflict', 'created', 'tag' ].includes( one.reason );
		const wiki = scripted( [], one.answer, again && one.answer );
		const wanted = wish( 'Q146', 'Q144' );
		wanted.picks.forEach( Object.freeze );
		Object.freeze( wanted.picks );
		await assert.rejects( saving.save( wiki.api(), Object.freeze( wanted ) ), ( error ) => {
			assert.strictEqual( error.code, code );
			assert.ok( error.info );
			return true;
		} );
		assert.strictEqual( wiki.posts().length, again ? 2 : 1 );
		assert.deepStrictEqual( wiki.statements, [] );
		// and the next one goes through
		assert.deepStrictEqual( ( await saving.save( wiki.api(), wanted ) ).fates,
			{ Q146: 'saved', Q144: 'saved' } );
	} );
}

for ( const [ code, info ] of [
	[ 'internal_api_error_DBQueryError', 'why' ], [ 'never-heard-of', 'why' ],
	[ 'internal_api_error_NotBadRevisionException', 'why' ], [ 'http', '' ]
] ) {
	test( `after "${ code }" the end is uncertain, and nothing is sent again`, async () => {
		const wiki = scripted( [], { error: { code, info: 'why', messages: [ { name: 'edit-conflict' } ] } } );
		await assert.rejects( save( wiki, 'Q146' ), { code: 'uncertain', info } );
		assert.strictEqual( wiki.posts().length, 1 );
	} );
}

test( 'an edit that was made, and whose answer is lost, is not sent again', async () => {
	const wiki = new Wiki( [] );
	wiki.after = ( { action }, answer ) => action === 'wbeditentity' ?
		Promise.reject( new Error( 'lost' ) ) : answer;
	await assert.rejects( save( wiki, 'Q146' ), { code: 'uncertain', info: '' } );
	assert.strictEqual( wiki.posts().length, 1 );
	wiki.after = ( parameters, answer ) => answer;
	// saved once more by the person: still one statement
	assert.deepStrictEqual( ( await save( wiki, 'Q146' ) ).fates, { Q146: 'redundant' } );
	assert.strictEqual( wiki.ids( 'Q146' ).length, 1 );
} );

// --- what is there afterwards ---

test( 'a failed read after the edit is no failed save', async () => {
	const wiki = new Wiki( [] );
	meanwhile( wiki, 'query', 2, () => Promise.reject( new Error( 'lost' ) ) );
	const result = await save( wiki, 'Q146' );
	assert.deepStrictEqual( result.fates, { Q146: 'unread' } );
	assert.deepStrictEqual( Object.keys( result.guids ), [ 'Q146' ] );
	assert.strictEqual( result.revision, wiki.now.revision );
} );

test( 'an edit that is not there afterwards is told', async () => {
	const wiki = scripted( [], { entity: { lastrevid: 8 }, success: 1 } );
	const result = await save( wiki, 'Q146' );
	assert.deepStrictEqual( result.fates, { Q146: 'absent' } );
	assert.deepStrictEqual( result.guids, {} );
} );

for ( const [ when, action, number ] of [
	[ 'between our reading and our edit', 'wbeditentity', 1 ],
	[ 'between our edit and the look at it', 'query', 2 ],
	[ 'between the two requests of that look', 'wbgetentities', 2 ]
] ) {
	test( `what somebody else adds ${ when } stays, and ours is taken back`, async () => {
		const wiki = new Wiki( [ 'Q9' ] );
		meanwhile( wiki, action, number, () => wiki.add( 'Q146' ) );
		const wanted = Object.assign( wish( 'Q146', 'Q144' ), { have: [ 'Q9' ] } );
		const result = await saving.save( wiki.api(), wanted );
		assert.deepStrictEqual( result.fates, { Q146: 'returned', Q144: 'saved' } );
		assert.deepStrictEqual( Object.keys( result.guids ), [ 'Q144' ] );
		assert.deepStrictEqual( result.written, [ 'Q146', 'Q144' ] );
		assert.strictEqual( wiki.ids( 'Q146' ).length, 1 );
		assert.deepStrictEqual( wiki.harmed(), [] );
		const [ removal ] = wiki.posts( 'wbremoveclaims' );
		assert.deepStrictEqual( Object.keys( removal ).sort(), [
			'action', 'assert', 'assertuser', 'baserevid', 'claim', 'maxlag', 'summary', 'tags'
		] );
		assert.strictEqual( removal.assertuser, 'Reviewer' );
		assert.strictEqual( removal.claim.split( '|' ).length, 1 );
	} );
}

test( 'several that are too many go in one edit', async () => {
	const wiki = new Wiki( [] );
	meanwhile( wiki, 'wbeditentity', 1, () => [ 'Q1', 'Q2' ].forEach( ( item ) => wiki.add( item ) ) );
	assert.deepStrictEqual( ( await save( wiki, 'Q1', 'Q2', 'Q3' ) ).fates,
		{ Q1: 'returned', Q2: 'returned', Q3: 'saved' } );
	assert.strictEqual( wiki.posts( 'wbremoveclaims' ).length, 1 );
} );

test( 'where the tag is unknown ours is taken back without it', async () => {
	const wiki = new Wiki( [] );
	wiki.tags = [];
	meanwhile( wiki, 'wbeditentity', 2, () => wiki.add( 'Q146' ) );
	assert.deepStrictEqual( ( await save( wiki, 'Q146' ) ).fates, { Q146: 'returned' } );
	assert.strictEqual( 'tags' in wiki.posts( 'wbremoveclaims' )[ 0 ], false );
} );

test( 'what somebody has built on ours stays, and is told as twice', async () => {
	const wiki = new Wiki( [] );
	meanwhile( wiki, 'query', 2, () => {
		wiki.change( wiki.ids( 'Q146' )[ 0 ], { qualifiers: { P518: [ {} ] } } );
		wiki.add( 'Q146' );
	} );
	const result = await save( wiki, 'Q146' );
	assert.deepStrictEqual( result.fates, { Q146: 'twice' } );
	assert.strictEqual( wiki.ids( 'Q146' ).length, 2 );
	assert.deepStrictEqual( wiki.harmed(), [] );
} );

test( 'taking back that fails is tried again, then told as twice', async () => {
	const wiki = new Wiki( [] );
	meanwhile( wiki, 'wbeditentity', 1, () => wiki.add( 'Q146' ) );
	wiki.wbremoveclaims = () => refused( 'limited' );
	const result = await save( wiki, 'Q146' );
	assert.deepStrictEqual( result.fates, { Q146: 'twice' } );
	assert.strictEqual( wiki.posts( 'wbremoveclaims' ).length, 2 );
	assert.deepStrictEqual( Object.keys( result.guids ), [ 'Q146' ] );
} );

test( 'taken back, and not to be read afterwards, is no confirmed return', async () => {
	const wiki = new Wiki( [] );
	let looked = 0;
	wiki.before = ( { action } ) => action === 'wbeditentity' ? wiki.add( 'Q146' ) :
		action === 'query' && ++looked === 3 ? Promise.reject( new Error( 'lost' ) ) : null;
	assert.deepStrictEqual( ( await save( wiki, 'Q146', 'Q144' ) ).fates,
		{ Q146: 'unread', Q144: 'saved' } );
} );

test( 'a removal whose answer is lost is looked at, and returned where it happened', async () => {
	const wiki = new Wiki( [] );
	meanwhile( wiki, 'wbeditentity', 1, () => wiki.add( 'Q146' ) );
	wiki.after = ( { action }, answer ) => action === 'wbremoveclaims' ?
		Promise.reject( new Error( 'lost' ) ) : answer;
	const result = await save( wiki, 'Q146' );
	assert.strictEqual( wiki.ids( 'Q146' ).length, 1 );
	assert.deepStrictEqual( result.fates, { Q146: 'returned' } );
} );

// --- undo ---

test( 'a saved statement can be taken back, by its id', async () => {
	const wiki = new Wiki( [ 'Q9' ] );
	const { guids } = await saving.save( wiki.api(), Object.assign( wish( 'Q146', 'Q144' ), { have: [ 'Q9' ] } ) );
	const { revision } = await undo( wiki, guids.Q146 );
	assert.strictEqual( revision, wiki.now.revision );
	assert.deepStrictEqual( wiki.statements.map( ( one ) => one.mainsnak.datavalue.value.id ), [ 'Q9', 'Q144' ] );
	assert.deepStrictEqual( wiki.harmed(), [] );
	const [ sent ] = wiki.posts( 'wbremoveclaims' );
	assert.strictEqual( sent.claim, guids.Q146 );
	assert.strictEqual( sent.assertuser, 'Reviewer' );
	assert.strictEqual( sent.summary, 'u' );
	assert.strictEqual( sent.tags, 'suggest-depicts' );
	await assert.rejects( undo( wiki, guids.Q146 ), { code: 'changed' } );
} );

for ( const [ what, more ] of Object.entries( {
	rank: { rank: 'deprecated' }, qualifiers: { qualifiers: { P518: [ {} ] } },
	references: { references: [ {} ] }, value: { mainsnak: claims.claim( 'P180', 'Q5' ).mainsnak }
} ) ) {
	test( 'a statement is not taken back where somebody has changed its ' + what, async () => {
		const wiki = new Wiki( [] );
		const { guids } = await save( wiki, pick( 'Q146', 'preferred' ) );
		wiki.change( guids.Q146, more );
		await assert.rejects( undo( wiki, guids.Q146 ), { code: 'changed' } );
		assert.deepStrictEqual( wiki.harmed(), [] );
	} );
}

test( 'a statement that is not of this page is never taken back', async () => {
	const wiki = new Wiki( [ 'Q146' ] );
	await assert.rejects( undo( wiki, wiki.statements[ 0 ].id ), { code: 'changed' } );
	await assert.rejects( undo( wiki, 'toString' ), { code: 'changed' } );
	assert.strictEqual( wiki.posts( 'wbremoveclaims' ).length, 0 );
} );

test( 'what changes between the look and the removal is not removed', async () => {
	const wiki = new Wiki( [] );
	const { guids } = await save( wiki, 'Q146' );
	meanwhile( wiki, 'wbremoveclaims', 1,
		() => wiki.change( guids.Q146, { rank: 'preferred' } ) );
	await assert.rejects( undo( wiki, guids.Q146 ), { code: 'changed' } );
	assert.deepStrictEqual( wiki.harmed(), [] );
} );

test( 'an undoing whose answer is lost is uncertain', async () => {
	const wiki = new Wiki( [] );
	const { guids } = await save( wiki, 'Q146' );
	wiki.after = ( { action }, answer ) => action === 'wbremoveclaims' ?
		Promise.reject( new Error( 'lost' ) ) : answer;
	await assert.rejects( undo( wiki, guids.Q146 ), { code: 'uncertain' } );
	assert.strictEqual( wiki.posts( 'wbremoveclaims' ).length, 1 );
} );

test( 'an undoing that turns out to have worked is told so at the next try', async () => {
	const wiki = new Wiki( [] );
	const { guids } = await save( wiki, 'Q146' );
	wiki.after = ( { action }, answer ) => action === 'wbremoveclaims' ?
		Promise.reject( new Error( 'lost' ) ) : answer;
	await assert.rejects( undo( wiki, guids.Q146 ), { code: 'uncertain' } );
	assert.deepStrictEqual( await undo( wiki, guids.Q146 ), { revision: null } );
	assert.strictEqual( wiki.posts( 'wbremoveclaims' ).length, 1 );
} );

// --- databases that are behind ---

/** From now on entities are read as they were one version ago, so many times. */
function behind( wiki, times ) {
	const read = wiki.wbgetentities.bind( wiki );
	let left = times;
	wiki.wbgetentities = () => left-- > 0 ?
		{ entities: { M2: wiki.entity( wiki.versions[ wiki.versions.length - 2 ] ) }, success: 1 } : read();
}

for ( const [ name, first ] of Object.entries( { 'a new': null, 'an old': [] } ) ) {
	test( `a reading from before the save tells nothing of it: ${ name } MediaInfo`, async () => {
		const wiki = new Wiki( first );
		meanwhile( wiki, 'wbeditentity', 1, () => behind( wiki, 2 ) );
		assert.deepStrictEqual( ( await save( wiki, 'Q146' ) ).fates, { Q146: 'saved' } );
		const late = new Wiki( first );
		meanwhile( late, 'wbeditentity', 1, () => behind( late, 99 ) );
		const { fates, guids } = await save( late, 'Q146' );
		assert.deepStrictEqual( [ fates, Object.keys( guids ) ], [ { Q146: 'unread' }, [ 'Q146' ] ] );
		assert.strictEqual( late.posts().length, 1 );
	} );
}

test( 'what somebody built on ours is not undone, though the entity is read from before it', async () => {
	const wiki = new Wiki( [] );
	const { guids } = await save( wiki, 'Q146' );
	wiki.change( guids.Q146, { qualifiers: { P518: [ { snaktype: 'somevalue', property: 'P518' } ] } } );
	behind( wiki, 99 );
	await assert.rejects( undo( wiki, guids.Q146 ), { code: 'editconflict' } );
	assert.deepStrictEqual( wiki.harmed(), [] );
} );

// --- nothing is written on a guess ---

for ( const [ name, entity ] of Object.entries( {
	'another entity': { id: 'M3', statements: [] },
	nothing: undefined,
	'no statements at all': { id: 'M2' },
	'a text for statements': { id: 'M2', statements: 'many' },
	'an object for a property': { id: 'M2', statements: { P180: { 0: {} } } },
	'statements without a snak': { id: 'M2', statements: { P180: [ { id: 'x' } ] } },
	'statements without an id': { id: 'M2', statements: { P180: [ claims.claim( 'P180', 'Q1' ) ] } },
	'a value without an id': { id: 'M2', statements: { P180: [
		{ id: 'x', mainsnak: { snaktype: 'value', datavalue: { value: 'Q146' } } }
	] } },
	'missing, with statements': { id: 'M2', missing: '', statements: { P180: [] } }
} ) ) {
	test( 'nothing is written where the wiki answers ' + name, async () => {
		const wiki = new Wiki( [] );
		wiki.entity = () => entity;
		await assert.rejects( save( wiki, 'Q146' ), { code: 'strange' } );
		assert.strictEqual( wiki.posts().length, 0 );
	} );
}

test( 'nothing is written where the page or its revision is not told', async () => {
	for ( const [ answer, code ] of [
		[ {}, 'strange' ], [ { query: {} }, 'strange' ], [ { query: { pages: [] } }, 'strange' ],
		[ { query: { pages: [ {} ] } }, 'strange' ],
		[ { query: { pages: [ { missing: true } ] } }, 'no-such-file' ]
	] ) {
		const wiki = new Wiki( [] );
		wiki.query = () => answer;
		await assert.rejects( save( wiki, 'Q146' ), { code } );
		assert.strictEqual( wiki.posts().length, 0 );
	}
} );

// --- the check ---

test( 'the recorded wiki is one that we know, in one request', async () => {
	const wiki = new Wiki( [] );
	await saving.check( wiki.api(), 'Reviewer' );
	assert.deepStrictEqual( wiki.asked, [ {
		action: 'paraminfo', modules: 'wbeditentity|wbgetentities|wbremoveclaims', formatversion: 2,
		assert: 'user', assertuser: 'Reviewer'
	} ] );
} );

test( 'who is not logged in is not asserted', async () => {
	const wiki = new Wiki( [] );
	await saving.check( wiki.api(), '' );
	assert.strictEqual( wiki.asked[ 0 ].assert, undefined );
	assert.strictEqual( wiki.asked[ 0 ].assertuser, undefined );
} );

test( 'a lost login is told from another one', async () => {
	const wiki = new Wiki( [] );
	for ( const [ user, code ] of [ [ '', 'assertuserfailed' ], [ 'Other', 'assertnameduserfailed' ] ] ) {
		wiki.user = user;
		await assert.rejects( saving.check( wiki.api(), 'Reviewer' ), { code } );
		await assert.rejects( save( wiki, 'Q146' ), { code } );
	}
	assert.deepStrictEqual( wiki.statements, [] );
} );

test( 'somebody else who is logged in by now is told', async () => {
	const wiki = new Wiki( [] );
	await assert.rejects( saving.check( wiki.api(), 'Other' ), { code: 'assertnameduserfailed' } );
} );

for ( const [ what, change ] of Object.entries( {
	'no modules': () => ( {} ),
	'nothing of a module': ( told ) => ( { paraminfo: { modules: told.paraminfo.modules.slice( 1 ) } } ),
	'a module without parameters': ( told ) => {
		delete told.paraminfo.modules[ 0 ].parameters;
		return told;
	},
	'an edit without a base': ( told ) => {
		told.paraminfo.modules[ 0 ].parameters =
			told.paraminfo.modules[ 0 ].parameters.filter( ( one ) => one.name !== 'baserevid' );
		return told;
	}
} ) ) {
	test( 'a wiki that names ' + what + ' is strange', async () => {
		const wiki = new Wiki( [] );
		wiki.after = ( parameters, answer ) => change( answer );
		await assert.rejects( saving.check( wiki.api(), 'Reviewer' ), { code: 'strange' } );
	} );
}
