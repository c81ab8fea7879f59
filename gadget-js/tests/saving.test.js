'use strict';

const assert = require( 'node:assert' );
const test = require( 'node:test' );
const claims = require( '../src/claims.js' );
const { save } = require( '../src/saving.js' );

const statement = ( item ) => claims.depictsClaim( item );
const wish = ( ...picks ) => ( {
	mid: 'M2', picks, user: 'Reviewer', summary: 's', tag: 'suggest-depicts', have: [],
	offered: () => Promise.resolve( picks )
} );

const refusal = ( code ) => ( { code: code, names: [], info: '' } );

/** A wiki of one file that keeps what it is sent. */
class Wiki {
	constructor( entity ) {
		this.entity = entity;
		this.posts = [];
	}

	get( parameters ) {
		return Promise.resolve( parameters.action === 'wbgetentities' ?
			{ entities: { M2: this.entity } } :
			{ query: { pages: [ { pageid: 2, lastrevid: 7 } ] } } );
	}

	postWithEditToken( parameters ) {
		this.posts.push( parameters );
		const before = claims.depicted( this.entity ).map( statement );
		this.entity = { id: 'M2', statements: {
			P180: before.concat( JSON.parse( parameters.data ).claims )
		} };
		return Promise.resolve( { entity: { lastrevid: 8 } } );
	}
}

test( 'several picks are one edit, with all that belongs to it', async () => {
	const wiki = new Wiki( { id: 'M2', missing: '' } );
	const result = await save( wiki, wish( 'Q146', 'Q144' ) );
	assert.deepStrictEqual( result, {
		revision: 8, written: [ 'Q146', 'Q144' ], tagged: true,
		fates: { Q146: 'saved', Q144: 'saved' }
	} );
	assert.strictEqual( wiki.posts.length, 1 );
	const sent = wiki.posts[ 0 ];
	assert.strictEqual( sent.action, 'wbeditentity' );
	assert.strictEqual( sent.baserevid, 7 );
	assert.strictEqual( sent.assertuser, 'Reviewer' );
	assert.strictEqual( sent.maxlag, 5 );
	assert.strictEqual( sent.tags, 'suggest-depicts' );
	assert.deepStrictEqual( Object.keys( JSON.parse( sent.data ) ), [ 'claims' ] );
} );

test( 'a failed read after the edit is no failed save', async () => {
	const wiki = new Wiki( { id: 'M2', missing: '' } );
	const get = wiki.get.bind( wiki );
	wiki.get = ( parameters ) => wiki.posts.length ? Promise.reject( refusal( 'http' ) ) : get( parameters );
	const result = await save( wiki, wish( 'Q146' ) );
	assert.deepStrictEqual( result, {
		revision: 8, written: [ 'Q146' ], tagged: true, fates: { Q146: 'unread' }
	} );
} );

test( 'the base revision is read before the entity', async () => {
	const wiki = new Wiki( { id: 'M2', missing: '' } );
	const get = wiki.get.bind( wiki );
	const order = [];
	wiki.get = ( parameters ) => {
		order.push( 'start ' + parameters.action );
		return get( parameters ).then( ( answer ) => {
			order.push( 'end ' + parameters.action );
			return answer;
		} );
	};
	await save( wiki, wish( 'Q146' ) );
	assert.deepStrictEqual( order.slice( 0, 3 ), [
		'start query', 'end query', 'start wbgetentities'
	] );
} );

test( 'what the file says already is not written again', async () => {
	const wiki = new Wiki( { id: 'M2', statements: { P180: [ statement( 'Q146' ) ] } } );
	const result = await save( wiki, wish( 'Q146', 'Q144', 'Q144' ) );
	assert.deepStrictEqual( result.written, [ 'Q144' ] );
	assert.deepStrictEqual( result.fates, { Q146: 'redundant', Q144: 'saved' } );
	assert.deepStrictEqual( claims.depicted( wiki.entity ), [ 'Q146', 'Q144' ] );
} );

test( 'nothing left to write is no edit', async () => {
	const wiki = new Wiki( { id: 'M2', statements: { P180: [ statement( 'Q146' ) ] } } );
	const result = await save( wiki, wish( 'Q146' ) );
	assert.strictEqual( result.revision, null );
	assert.strictEqual( wiki.posts.length, 0 );
} );

test( 'an edit that is not there afterwards is told', async () => {
	const wiki = new Wiki( { id: 'M2', statements: [] } );
	wiki.postWithEditToken = () => Promise.resolve( { entity: { lastrevid: 8 } } );
	const result = await save( wiki, wish( 'Q146' ) );
	assert.deepStrictEqual( result.fates, { Q146: 'absent' } );
} );

test( 'an item that two statements name afterwards is told, and is not absent', async () => {
	const wiki = new Wiki( { id: 'M2', statements: [] } );
	wiki.postWithEditToken = () => {
		wiki.entity = { id: 'M2', statements: { P180: [ statement( 'Q146' ), statement( 'Q146' ) ] } };
		return Promise.resolve( { entity: { lastrevid: 8 } } );
	};
	assert.deepStrictEqual( ( await save( wiki, wish( 'Q146' ) ) ).fates, { Q146: 'twice' } );
} );

test( 'an unchanged file is not asked about again', async () => {
	const wiki = new Wiki( { id: 'M2', statements: { P180: [ statement( 'Q9' ) ] } } );
	const offered = () => Promise.reject( new Error( 'asked' ) );
	const wanted = Object.assign( wish( 'Q146' ), { have: [ 'Q9', 'Q8' ], offered } );
	assert.deepStrictEqual( ( await save( wiki, wanted ) ).fates, { Q146: 'saved' } );
} );

test( 'after the question the file is read once more; what changes for ever is a conflict', async () => {
	const wiki = new Wiki( { id: 'M2', statements: [] } );
	let number = 0;
	wiki.get = ( parameters ) => Promise.resolve( parameters.action === 'query' ?
		{ query: { pages: [ { pageid: 2, lastrevid: 7 + number } ] } } :
		{ entities: { M2: { id: 'M2', statements: { P180: [ statement( 'Q' + ++number ) ] } } } } );
	await assert.rejects( save( wiki, wish( 'Q146' ) ), { code: 'edit-conflict' } );
	assert.strictEqual( number, 3 );
	assert.strictEqual( wiki.posts.length, 0 );
} );

for ( const [ code, expected ] of [
	[ 'internal_api_error_Wikibase\\Lib\\Store\\BadRevisionException', null ],
	[ 'internal_api_error_BadRevisionException', null ],
	[ 'failed-save', null ], [ 'invalid-claim', null ], [ 'maxlag', null ],
	[ 'internal_api_error_DBQueryError', 'internal_api_error_DBQueryError' ],
	[ 'internal_api_error_NotBadRevisionException', 'internal_api_error_NotBadRevisionException' ],
	[ 'never-heard-of', 'never-heard-of' ], [ 'http', '' ], [ 'ok-but-empty', 'ok-but-empty' ]
] ) {
	test( 'a refusal is one where it is known to be: ' + code, async () => {
		const wiki = new Wiki( { id: 'M2', statements: [] } );
		wiki.postWithEditToken = () => Promise.reject( refusal( code ) );
		await assert.rejects( save( wiki, wish( 'Q146' ) ), expected === null ? { code } :
			{ code: 'uncertain', info: expected } );
	} );
}

test( 'a refusal is handed on', async () => {
	const wiki = new Wiki( { id: 'M2', statements: [] } );
	wiki.postWithEditToken = () => Promise.reject( refusal( 'protectedpage' ) );
	await assert.rejects( save( wiki, wish( 'Q146' ) ), { code: 'protectedpage' } );
} );

test( 'a wiki without the tag gets the edit without it, once, and that is told', async () => {
	const wiki = new Wiki( { id: 'M2', statements: [] } );
	const post = wiki.postWithEditToken.bind( wiki );
	const sent = [];
	wiki.postWithEditToken = ( parameters ) => {
		sent.push( parameters.tags );
		return parameters.tags ? Promise.reject( refusal( 'badtags' ) ) : post( parameters );
	};
	const result = await save( wiki, wish( 'Q146' ) );
	assert.deepStrictEqual( sent, [ 'suggest-depicts', undefined ] );
	assert.strictEqual( result.tagged, false );
	assert.deepStrictEqual( claims.depicted( wiki.entity ), [ 'Q146' ] );
} );

test( 'an edit without an answer is uncertain, and is not sent again', async () => {
	const wiki = new Wiki( { id: 'M2', statements: [] } );
	let sent = 0;
	wiki.postWithEditToken = () => {
		sent++;
		return Promise.reject( refusal( 'http' ) );
	};
	await assert.rejects( save( wiki, wish( 'Q146' ) ), { code: 'uncertain' } );
	assert.strictEqual( sent, 1 );
} );

for ( const [ name, entity ] of Object.entries( {
	'another entity': { id: 'M3', statements: [] },
	nothing: undefined,
	'no statements at all': { id: 'M2' },
	'a text for statements': { id: 'M2', statements: 'many' },
	'statements without a snak': { id: 'M2', statements: { P180: [ { id: 'x' } ] } },
	'a value without an id': { id: 'M2', statements: { P180: [
		{ mainsnak: { snaktype: 'value', datavalue: { value: 'Q146' } } }
	] } },
	'missing, with statements': { id: 'M2', missing: '', statements: { P180: [] } }
} ) ) {
	test( 'nothing is written where the wiki answers ' + name, async () => {
		const wiki = new Wiki( entity );
		await assert.rejects( save( wiki, wish( 'Q146' ) ), { code: 'strange' } );
		assert.strictEqual( wiki.posts.length, 0 );
	} );
}

test( 'nothing is written where the page or its revision is not told', async () => {
	for ( const [ page, code ] of [ [ undefined, 'strange' ], [ {}, 'strange' ],
		[ { missing: true }, 'no-such-file' ] ] ) {
		const wiki = new Wiki( { id: 'M2', statements: [] } );
		wiki.get = () => Promise.resolve( { query: { pages: [ page ] } } );
		await assert.rejects( save( wiki, wish( 'Q146' ) ), { code: code } );
		assert.strictEqual( wiki.posts.length, 0 );
	}
} );

test( 'odd entities name nothing', () => {
	assert.deepStrictEqual( claims.depicted( { id: 'M2', missing: '' } ), [] );
	assert.deepStrictEqual( claims.depicted( { statements: [] } ), [] );
	const some = { P180: [ { mainsnak: { snaktype: 'somevalue', property: 'P180' } } ] };
	assert.deepStrictEqual( claims.depicted( { statements: some } ), [] );
} );
