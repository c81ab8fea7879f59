'use strict';

const assert = require( 'node:assert' );
const test = require( 'node:test' );
const claims = require( '../src/claims.js' );
const flow = require( '../src/flow.js' );

const PAGE = { mid: 'M2', user: 'Reviewer', language: 'de' };
const ANSWER = {
	token: 't', model_version: 'v-1', suggestions: [ { item: 'Q1' }, { item: 'Q2' }, { item: 'Q3' } ]
};

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

test( 'verdicts: saved with the revision, there before without, the rest are skips', async () => {
	const made = clients( 'Q2' );
	const result = await flow.save( made, PAGE, ANSWER, [ 'Q1', 'Q2' ] );
	assert.strictEqual( result.told, true );
	assert.strictEqual( made.posted[ 0 ].summary, 'Suggest depicts, model v-1' );
	assert.deepStrictEqual( made.decided, [ [ 'M2', 't', [
		{ item: 'Q1', verdict: 'accepted', revision: 8 },
		{ item: 'Q2', verdict: 'accepted' },
		{ item: 'Q3', verdict: 'skipped' }
	] ] ] );
} );

test( 'what is not there after the save is no acceptance', () => {
	const result = { written: [ 'Q1' ], redundant: [], revision: 8, unverified: [ 'Q1' ] };
	assert.deepStrictEqual( flow.decisions( [ 'Q1', 'Q2' ], [ 'Q1' ], result ),
		[ { item: 'Q2', verdict: 'skipped' } ] );
} );

test( 'a lost verdict loses no statement', async () => {
	const made = clients();
	made.service.decide = () => Promise.reject( { code: 'unreachable' } );
	const result = await flow.save( made, PAGE, ANSWER, [ 'Q1' ] );
	assert.strictEqual( result.told, false );
	assert.deepStrictEqual( result.written, [ 'Q1' ] );
} );

test( 'nothing saved, nothing told', async () => {
	const made = clients();
	made.wiki.postWithEditToken = () => Promise.reject( { code: 'readonly', names: [] } );
	await assert.rejects( flow.save( made, PAGE, ANSWER, [ 'Q1' ] ), { code: 'readonly' } );
	assert.deepStrictEqual( made.decided, [] );
} );
