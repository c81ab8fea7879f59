'use strict';

require( './gadgets.js' );
const assert = require( 'node:assert' );
const test = require( 'node:test' );
const artwork = require( '../src/artwork.js' );

for ( const [ wikitext, item ] of [
	[ '== {{int:filedesc}} ==\n{{Artwork\n |artist = {{Creator:Vermeer}}\n |wikidata = Q185372\n}}', 'Q185372' ],
	[ '{{artwork|wikidata=q185372}}', 'Q185372' ],
	[ '{{Art_Photo|description={{en|1=A {{w|bust}} | of stone}}|wikidata=Q5|photo license={{PD}}}}', 'Q5' ],
	[ '{{Book|wikidata=Q6}} {{Artwork|wikidata=Q6}}', 'Q6' ],
	// two works, or none that is named
	[ '{{Artwork|wikidata=Q5}}{{Artwork|wikidata=Q6}}', '' ],
	[ '{{Artwork|title=Q5|wikidata=}}', '' ],
	[ '{{Artwork|wikidata=<!-- Q5 -->}}', '' ],
	// not the work's own item
	[ '{{Information|description={{Creator|wikidata=Q5}}}}', '' ],
	[ '{{Artwork|artist={{Creator|wikidata=Q5}}}}', '' ],
	[ '{{Artwork|title=[[a|wikidata=Q5]]}}', '' ],
	[ '{{Artworks|wikidata=Q5}}', '' ],
	[ '{{Artwork|wikidata=Q5', '' ],
	[ '{{Artwork|wikidata=Q5 or Q6}}', '' ],
	[ '', '' ]
] ) {
	test( 'the work that a page names: ' + wikitext, () => {
		assert.strictEqual( artwork.named( wikitext ), item );
	} );
}

/** A wiki with this page, and what the file says already. */
function offered( wikitext, have, labels ) {
	const asked = [];
	const statements = { P6243: have.map( ( id ) => ( {
		id: 'M2$' + id, mainsnak: { snaktype: 'value', datavalue: { value: { id } } }
	} ) ) };
	const wiki = { get: ( parameters ) => {
		asked.push( parameters );
		return Promise.resolve( parameters.action === 'query' ?
			{ query: { pages: [ { revisions: [ { slots: { main: { content: wikitext } } } ] } ] } } :
			{ entities: { M2: { id: 'M2', statements }, Q5: { labels: labels } } } );
	} };
	return artwork.offer( wiki, { mid: 'M2', language: 'de' } )
		.then( ( offer ) => ( { offer, asked } ) );
}

test( 'a named work is offered by its label, with the property of its own', async () => {
	const { offer, asked } = await offered( '{{Artwork|wikidata=Q5}}', [],
		{ de: { value: 'Die Milchmagd' } } );
	assert.strictEqual( offer.property, 'P6243' );
	assert.deepStrictEqual( offer.suggestions.map( ( one ) => [ one.item, one.label ] ),
		[ [ 'Q5', 'Die Milchmagd' ] ] );
	assert.strictEqual( offer.token, '', 'the service has offered nothing: it takes no verdict' );
	assert.strictEqual( asked[ 0 ].pageids, '2' );
	assert.strictEqual( asked[ 2 ].languages, 'de' );
} );

test( 'a work without a label, or that is no item, is not offered', async () => {
	const { offer } = await offered( '{{Artwork|wikidata=Q5}}', [], {} );
	assert.strictEqual( offer, null );
} );

test( 'a file that represents a work is offered no other', async () => {
	const { offer } = await offered( '{{Artwork|wikidata=Q5}}', [ 'Q6' ], {} );
	assert.deepStrictEqual( [ offer.outcome, offer.reason ], [ 'nothing', 'already-there' ] );
} );

test( 'what the file says already is not offered', async () => {
	const { offer } = await offered( '{{Artwork|wikidata=Q5}}', [ 'Q5' ], {} );
	assert.deepStrictEqual( [ offer.outcome, offer.reason ], [ 'nothing', 'already-there' ] );
} );

test( 'a page that names no work offers none', async () => {
	const { offer } = await offered( '{{Artwork|title=x}}', [], {} );
	assert.strictEqual( offer, null );
} );
