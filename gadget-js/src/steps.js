/**
 * The dialog as it goes through a category: a step more, "listed", with what became of each file.
 */
'use strict';

const { Dialog, messages } = require( 'ext.gadget.suggest-depicts-core' );
const Walk = require( './walk.js' );

const { text } = messages;
const { computed, methods } = Dialog;
/** The second click of a double one, meant for the file before. */
const TWICE_MS = 400;

/** acts: as bulk.js has them. */
// @vue/component
module.exports = ( acts ) => ( {
	name: 'SuggestDepictsSteps',
	extends: Dialog,
	data: ( { first } ) => {
		const walk = new Walk( first );
		return {
			more: acts, walk: walk, page: walk.category,
			/** { page, answer, result, news, type, picked } of each file. */
			results: [],
			stopping: false,
			/** How many in a row wait in the service's queue. */
			pending: 0
		};
	},
	computed: {
		/** While the list is read there is no file. */
		progress() {
			return this.page.mid ? computed.progress.call( this ) :
				text( 'bulk-listing', this.walk.seen );
		},
		announced() {
			const said = computed.announced.call( this );
			// the list takes the focus
			return this.step === 'listed' ? '' :
				this.page.mid && said ? text( 'about', this.page.title, said ) : said;
		},
		primary() {
			const goesOn = { uncertain: true, listed: this.walk.goesOn }[ this.step ];
			return goesOn ? { label: text( 'bulk-next' ), actionType: 'progressive' } :
				computed.primary.call( this );
		},
		skippable() {
			return !!this.page.mid && ![ 'consent', 'listed' ].includes( this.step );
		},
		secondary() {
			return !this.skippable ? computed.secondary.call( this ) :
				this.step === 'uncertain' ? null :
					{ label: text( 'bulk-skip' ), disabled: this.step === 'saving' };
		}
	},
	setup: Dialog.setup,
	methods: {
		acts: () => Promise.resolve( acts ),
		ask( watch ) {
			const { clients, walk } = this;
			this.page = walk.file || walk.category;
			return walk.fill( clients, walk.at, watch ).then( ( file ) => {
				if ( !file || watch.stopped() ) {
					return { outcome: 'end' };
				}
				this.page = file;
				return walk.answer( clients );
			} );
		},
		offer( answer ) {
			const { question } = this;
			methods.offer.call( this, answer );
			this.since = Date.now();
			this.pending = 0;
			this.walk.ahead( this.clients, { stopped: () => this.question !== question } );
		},
		/** To what is told, else to which file it is. */
		focusNews() {
			return this.told ? methods.focusNews.call( this ) :
				this.open && this.$refs.above.focus();
		},
		leave() {
			if ( !this.skippable ) {
				this.open = false;
			} else if ( !( Date.now() - this.since < TWICE_MS ) ) {
				this.does( 'skip' );
			}
		},
		act() {
			if ( [ 'listed', 'uncertain' ].includes( this.step ) ) {
				this.does( 'next' );
			} else {
				methods.act.call( this );
			}
		}
	},
	template: Dialog.template
} );
