/**
 * Another item, found by words.
 */
'use strict';

const { CdxField, CdxLookup } = require( '@wikimedia/codex' );
const { messages } = require( 'ext.gadget.suggest-depicts-core' );
const items = require( './items.js' );
const telling = require( './telling.js' );

/** Letters that follow each other faster are one question. */
const PAUSE_MS = 250;
/** What the service takes. */
const LONGEST = 100;
const ITEM_PAGE = 'https://www.wikidata.org/wiki/';

// @vue/component
module.exports = {
	name: 'SuggestDepictsSearch',
	components: { CdxField, CdxLookup },
	inheritAttrs: false,
	props: {
		/** The dialog's data: answer, cards, step. */
		dialog: { type: Object, required: true },
		page: { type: Object, required: true },
		clients: { type: Object, required: true }
	},
	emits: [ 'take' ],
	setup: () => ( { text: messages.text } ),
	data: () => ( { words: '', found: [], failed: '' } ),
	computed: {
		menu() {
			const there = this.dialog.cards.map( ( one ) => one.item )
				.concat( this.dialog.answer.have );
			return this.found.map( ( one ) => ( {
				value: one.item, label: one.label, description: one.description,
				disabled: there.includes( one.item ),
				supportingText: there.includes( one.item ) ? this.text( 'search-there' ) : ''
			} ) );
		}
	},
	methods: {
		ask( words ) {
			const trimmed = words.trim();
			clearTimeout( this.timer );
			this.failed = '';
			if ( !trimmed ) {
				this.found = [];
				return;
			}
			this.timer = setTimeout( () => this.look( trimmed ), PAUSE_MS );
		},
		look( words ) {
			// an answer to earlier words comes too late
			const latest = () => this.words.trim() === words;
			items.search( this.clients.service, words, {
				language: this.page.language, url: ITEM_PAGE
			} ).then( ( found ) => {
				this.found = latest() ? found : this.found;
			}, ( error ) => {
				if ( latest() ) {
					this.failed = telling.trouble( error );
					this.found = [];
				}
			} );
		},
		take( item ) {
			const taken = this.found.filter( ( one ) => one.item === item )[ 0 ];
			if ( taken ) {
				this.words = '';
				this.found = [];
				this.$emit( 'take', taken );
			}
		}
	},
	mounted() {
		this.$nextTick( () => {
			this.$el.scrollIntoView( { block: 'start' } );
			this.$el.querySelector( 'input' ).focus( { preventScroll: true } );
		} );
	},
	beforeUnmount() {
		clearTimeout( this.timer );
	},
	template: `
<cdx-field class="suggestdepicts-search" :status="failed ? 'error' : 'default'"
	:messages="{ error: failed }" :disabled="dialog.step !== 'offer'">
	<template #label>{{ text( 'search' ) }}</template>
	<cdx-lookup v-model:input-value="words" :selected="null" :menu-items="menu"
		:menu-config="{ visibleItemLimit: 4 }" maxlength="${ LONGEST }" autocomplete="off"
		:placeholder="text( 'search-words' )" @input="ask" @update:selected="take">
		<template v-if="!failed" #no-results>{{ text( 'search-none' ) }}</template>
	</cdx-lookup>
</cdx-field>`
};
