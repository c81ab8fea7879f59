/**
 * What may be taken instead of a suggestion that is too general or too specific.
 */
'use strict';

const { CdxButton, CdxProgressBar } = require( '@wikimedia/codex' );
const { messages } = require( 'ext.gadget.suggest-depicts-core' );
const telling = require( './telling.js' );

/** By verdict: where to look, and the words above what is found. */
const WAYS = {
	too_general: [ 'more_specific', 'refine-specific' ],
	too_specific: [ 'more_general', 'refine-general' ]
};

// @vue/component
module.exports = {
	name: 'SuggestDepictsRefine',
	components: { CdxButton, CdxProgressBar },
	inheritAttrs: false,
	props: {
		/** The suggestion. */
		of: { type: Object, required: true },
		verdict: { type: String, required: true },
		/** The dialog's data: answer, cards, step. */
		dialog: { type: Object, required: true },
		page: { type: Object, required: true },
		clients: { type: Object, required: true }
	},
	emits: [ 'take' ],
	setup: () => ( { foreign: messages.foreign, text: messages.text } ),
	data: () => ( {
		/** Items; null while they are looked up. */
		found: null,
		failed: ''
	} ),
	computed: {
		items() {
			const there = this.dialog.cards.map( ( one ) => one.item );
			return ( this.found || [] ).filter( ( one ) => !there.includes( one.item ) );
		},
		said() {
			return this.failed || ( !this.found ? this.text( 'refine-loading' ) :
				this.items.length ? this.text( WAYS[ this.verdict ][ 1 ], this.of.label ) :
					this.text( 'refine-none' ) );
		}
	},
	methods: {
		/** A neighbour is told of by its label alone. */
		take( one ) {
			this.$emit( 'take', Object.assign( {
				description: '', kind: null, reasons: [], more_specific_than: [],
				url: this.of.url.slice( 0, -this.of.item.length ) + one.item
			}, one ) );
		}
	},
	mounted() {
		const query = '?lang=' + encodeURIComponent( this.page.language ) +
			'&have=' + encodeURIComponent( this.dialog.answer.have.slice( 0, 500 ).join( '|' ) );
		this.clients.service.items( '/' + this.of.item + '/neighbours' + query,
			WAYS[ this.verdict ][ 0 ] ).then( ( found ) => {
			this.found = found;
		}, ( error ) => {
			this.found = [];
			// the service knows nothing around it
			this.failed = error.code === 'unknown' ? '' : telling.trouble( error );
		} );
	},
	template: `
<div class="suggestdepicts-refine">
	<p role="status">{{ said }}</p>
	<cdx-progress-bar v-if="!found" inline aria-hidden="true"></cdx-progress-bar>
	<ul v-if="items.length">
		<li v-for="one in items" :key="one.item">
			<cdx-button :disabled="dialog.step !== 'offer'" @click="take( one )"><bdi
				:lang="foreign( page.language )">{{ one.label }}</bdi></cdx-button>
		</li>
	</ul>
</div>`
};
