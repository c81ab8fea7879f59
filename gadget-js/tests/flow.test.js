'use strict';

const assert = require( 'node:assert' );
const test = require( 'node:test' );
const claims = require( '../src/claims.js' );
const flow = require( '../src/flow.js' );

const PAGE = { mid: 'M2', user: 'Reviewer', language: 'de' };
const ANSWER = {
	outcome: 'suggested', token: 't', model_version: 'v-1',
	suggestions: [ { item: 'Q1' }, { item: 'Q2' }, { item: 'Q3' } ], have: []
};

const picks = ( ...items ) => items.map( ( item ) => ( { item, rank: 'normal' } ) );

/** A wiki with these items, and a service that takes everything down. */
function clients( ...items ) {
	const present = items.map( ( item ) => claims.depictsClaim( item ) );
	const asked = [];
	const posted = [];
	const decided = [];
	return {
		asked, posted, decided,
		wiki: {
			get: ( parameters ) => Promise.resolve( parameters.action === 'query' ?
				{ query: { pages: [ { lastrevid: 7 } ] } } :
				{ entities: { M2: { id: 'M2', statements: { P180: present } } } } ),
			postWithEditToken: ( parameters ) => {
				posted.push( parameters );
				present.push( ...JSON.parse( parameters.data ).claims );
				return Promise.resolve( { entity: { lastrevid: 8 } } );
			}
		},
		service: {
			suggestions: ( ...all ) => {
				asked.push( all );
				return Promise.resolve( ANSWER );
			},
			decide: ( ...all ) => {
				decided.push( all );
				return Promise.resolve( {} );
			}
		}
	};
}

test( 'the service is told what the file says already', async () => {
	const made = clients( 'Q9' );
	await flow.ask( made, PAGE, {} );
	assert.deepStrictEqual( made.asked, [ [ 'M2', { language: 'de', have: [ 'Q9' ] }, {} ] ] );
} );

test( 'what the wiki does not tell, the service is not asked for', async () => {
	const made = clients();
	made.wiki.get = () => Promise.reject( { code: 'http', names: [], info: '' } );
	await assert.rejects( flow.ask( made, PAGE, {} ), { code: 'http' } );
	assert.deepStrictEqual( made.asked, [] );
} );

test( 'one request to the wiki comes before the question, no more', async () => {
	const made = clients( 'Q9' );
	const get = made.wiki.get;
	const seen = [];
	made.wiki.get = ( parameters ) => {
		seen.push( parameters.action );
		return get( parameters );
	};
	const answer = await flow.ask( made, PAGE, {} );
	assert.deepStrictEqual( seen, [ 'wbgetentities' ] );
	assert.deepStrictEqual( answer.have, [ 'Q9' ] );
} );

test( 'verdicts: saved with the revision, there before without, the rest are skips', async () => {
	const made = clients( 'Q2' );
	const { told } = await flow.save( made, PAGE, ANSWER, picks( 'Q1', 'Q2' ), {} );
	assert.strictEqual( await told, true );
	assert.strictEqual( made.posted[ 0 ].summary, 'Suggest depicts, model v-1' );
	assert.deepStrictEqual( made.decided, [ [ 'M2', 't', [
		{ item: 'Q1', verdict: 'accepted', revision: 8 },
		{ item: 'Q2', verdict: 'accepted' },
		{ item: 'Q3', verdict: 'skipped' }
	] ] ] );
} );

test( 'what is not there after the save is no acceptance', () => {
	const result = { written: [ 'Q1' ], revision: 8, fates: { Q1: 'absent' } };
	assert.deepStrictEqual( flow.decisions( [ 'Q1', 'Q2' ], result ),
		[ { item: 'Q2', verdict: 'skipped' } ] );
} );

test( 'where there is nothing to tell, nothing is sent and nothing is lost', async () => {
	const made = clients();
	made.wiki.postWithEditToken = () => Promise.resolve( { entity: { lastrevid: 8 } } );
	const only = Object.assign( {}, ANSWER, { suggestions: [ { item: 'Q1' } ] } );
	const { result, told } = await flow.save( made, PAGE, only, picks( 'Q1' ), {} );
	assert.deepStrictEqual( result.fates, { Q1: 'absent' } );
	assert.strictEqual( await told, true );
	assert.deepStrictEqual( made.decided, [] );
} );

test( 'a lost verdict loses no statement', async () => {
	const made = clients();
	made.service.decide = () => Promise.reject( { code: 'unreachable' } );
	const { result, told } = await flow.save( made, PAGE, ANSWER, picks( 'Q1' ), {} );
	assert.strictEqual( await told, false );
	assert.deepStrictEqual( result.fates, { Q1: 'saved' } );
} );

test( 'a service that takes its time does not hide a finished save', async () => {
	const made = clients();
	made.service.decide = () => new Promise( () => {} );
	const { result } = await flow.save( made, PAGE, ANSWER, picks( 'Q1' ), {} );
	assert.deepStrictEqual( result.fates, { Q1: 'saved' } );
} );

test( 'a file that changed is asked about again, with what it says now', async () => {
	const made = clients( 'Q9' );
	// Q1 lies above Q9
	made.service.suggestions = ( ...all ) => {
		made.asked.push( all.slice( 0, 2 ) );
		return Promise.resolve( { outcome: 'suggested', suggestions: [ { item: 'Q2' } ] } );
	};
	const { result } = await flow.save( made, PAGE, ANSWER, picks( 'Q1', 'Q2' ), {} );
	assert.deepStrictEqual( made.asked, [ [ 'M2', { language: 'de', have: [ 'Q9' ] } ] ] );
	assert.deepStrictEqual( result.fates, { Q1: 'withdrawn', Q2: 'saved' } );
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
		await assert.rejects( flow.save( made, PAGE, ANSWER, picks( 'Q1' ), {} ), { code: 'unchecked' } );
		assert.deepStrictEqual( made.posted, [] );
	} );
}

test( 'nothing saved, nothing told', async () => {
	const made = clients();
	made.wiki.postWithEditToken = () => Promise.reject( { code: 'readonly', names: [] } );
	await assert.rejects( flow.save( made, PAGE, ANSWER, picks( 'Q1' ), {} ), { code: 'readonly' } );
	assert.deepStrictEqual( made.decided, [] );
} );
