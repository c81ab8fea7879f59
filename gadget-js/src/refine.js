/**
 * What may be taken instead of a suggestion that is too general or too specific.
 */
'use strict';

const { CdxButton, CdxProgressBar } = require( '@wikimedia/codex' );
const { messages } = require( 'ext.gadget.suggest-depicts-core' );
const items = require( './items.js' );
const telling = require( './telling.js' );

/** By verdict: where to look, and the words above what is found. */
const WAYS = {
	'too-general': [ 'more_specific', 'refine-specific' ],
	'too-specific': [ 'more_general', 'refine-general' ]
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
		others() {
			const there = this.dialog.cards.map( ( one ) => one.item );
			return ( this.found || [] ).filter( ( one ) => !there.includes( one.item ) );
		},
		said() {
			return this.failed || ( !this.found ? this.text( 'refine-loading' ) :
				this.others.length ? this.text( WAYS[ this.verdict ][ 1 ], this.of.label ) :
					this.text( 'refine-none' ) );
		}
	},
	mounted() {
		items.neighbours( this.clients.service, this.of.item, WAYS[ this.verdict ][ 0 ], {
			language: this.page.language, have: this.dialog.answer.have,
			url: this.of.url.slice( 0, -this.of.item.length )
		} ).then( ( found ) => {
			this.found = found;
		}, ( error ) => {
			this.found = [];
			this.failed = telling.trouble( error );
		} );
	},
	template: `
<div class="suggestdepicts-refine">
	<p role="status">{{ said }}</p>
	<cdx-progress-bar v-if="!found" inline aria-hidden="true"></cdx-progress-bar>
	<ul v-if="others.length">
		<li v-for="one in others" :key="one.item">
			<cdx-button :disabled="dialog.step !== 'offer'" @click="$emit( 'take', one )"><bdi
				:lang="foreign( one, page.language )">{{ one.label }}</bdi></cdx-button>
		</li>
	</ul>
</div>`
};
