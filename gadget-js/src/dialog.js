/**
 * The dialog. Its steps: loading, offer, silent (with the reason), saving, saved, uncertain.
 * Picks stay through every failed save; after a save, and after one whose end is not known, there
 * is no other before the page is loaded anew.
 */
'use strict';

const { CdxDialog, CdxMessage, CdxProgressBar } = require( '@wikimedia/codex' );
const Chip = require( './chip.js' );
const Outcome = require( './outcome.js' );
const explain = require( './explain.js' );
const flow = require( './flow.js' );
const { text } = require( './messages.js' );

// @vue/component
module.exports = {
	name: 'SuggestDepictsDialog',
	components: { CdxDialog, CdxMessage, CdxProgressBar, Chip, Outcome },
	props: {
		page: { type: Object, required: true },
		clients: { type: Object, required: true },
		addresses: { type: Object, required: true },
		opener: { type: Object, required: true }
	},
	data() {
		return {
			open: false,
			step: 'loading',
			/** { place, seconds } while the file waits in the service's queue. */
			wait: null,
			answer: null,
			/** Items, in the order of approval. */
			picks: [],
			/** Why there is nothing to show, or why the save failed: as explain.js has it. */
			told: null,
			result: null
		};
	},
	computed: {
		suggestions() {
			return this.answer ? this.answer.suggestions : [];
		},
		offered() {
			return this.step === 'offer' || this.step === 'saving' || this.step === 'uncertain';
		},
		demo() {
			return explain.isDemo( this.suggestions );
		},
		picked() {
			return this.suggestions.filter( ( one ) => this.picks.indexOf( one.item ) >= 0 );
		},
		diff() {
			const revision = this.result && this.result.revision;
			return revision ? this.addresses.diff( revision ) : '';
		},
		progress() {
			return this.wait ?
				text( 'suggest-depicts-waiting', this.wait.place, this.wait.seconds ) :
				text( 'suggest-depicts-loading' );
		},
		toldText() {
			return text.apply( null, [ this.told.key ].concat( this.told.parameters ) );
		},
		savedText() {
			const count = this.result.written.length;
			return count ? text( 'suggest-depicts-saved', count ) :
				text( 'suggest-depicts-saved-nothing' );
		},
		/** What screen readers hear as the steps change. */
		announced() {
			const said = {
				loading: () => this.progress,
				offer: () => text( 'suggest-depicts-found', this.suggestions.length ),
				saving: () => text( 'suggest-depicts-saving' ),
				saved: () => this.savedText
			}[ this.step ];
			return this.told ? text( this.told.title ) + '. ' + this.toldText : said ? said() : '';
		},
		summary() {
			return this.picks.length ?
				text( 'suggest-depicts-picked', this.picks.length, this.page.user ) :
				text( 'suggest-depicts-picked-none' );
		},
		primary() {
			const reload = { label: text( 'suggest-depicts-reload' ), actionType: 'progressive' };
			switch ( this.step ) {
				case 'offer':
					return {
						label: text( 'suggest-depicts-save' ), actionType: 'progressive',
						disabled: !this.picks.length || !this.page.user
					};
				case 'saving':
					return {
						label: text( 'suggest-depicts-saving' ), actionType: 'progressive',
						disabled: true
					};
				case 'silent':
					return this.told.again ? {
						label: text( 'suggest-depicts-again' ), actionType: 'progressive'
					} : null;
				default:
					return this.step === 'loading' ? null : reload;
			}
		},
		secondary() {
			return { label: text( 'suggest-depicts-close' ) };
		}
	},
	watch: {
		open( isOpen ) {
			if ( !isOpen ) {
				this.$nextTick( () => this.opener.focus() );
			}
		}
	},
	methods: {
		text,
		/** Open; what was offered or saved before is still there. */
		show() {
			this.open = true;
			if ( this.step === 'loading' || this.step === 'silent' ) {
				this.load();
			}
		},
		load() {
			// an answer to an earlier question comes too late
			const question = this.question = {};
			const stopped = () => this.question !== question || !this.open;
			Object.assign( this, { step: 'loading', wait: null, told: null, picks: [] } );
			flow.ask( this.clients, this.page, {
				stopped: stopped,
				waiting: ( place, seconds ) => {
					this.wait = stopped() ? null : { place: place, seconds: seconds };
				}
			} ).then(
				( answer ) => stopped() || this.take( answer ),
				( error ) => stopped() || this.quiet( explain.trouble( error ) )
			);
		},
		take( answer ) {
			if ( answer.outcome !== 'suggested' ) {
				this.quiet( explain.silence( answer ) );
				return;
			}
			this.answer = answer;
			this.step = 'offer';
		},
		quiet( told ) {
			this.told = told;
			this.step = 'silent';
		},
		approve( item, yes ) {
			this.picks = this.picks.filter( ( one ) => one !== item ).concat( yes ? [ item ] : [] );
		},
		save() {
			this.told = null;
			this.step = 'saving';
			flow.save( this.clients, this.page, this.answer, this.picks ).then( ( result ) => {
				this.result = result;
				this.step = 'saved';
			}, ( error ) => {
				this.told = explain.unsaved( error );
				this.step = this.told.again ? 'offer' : 'uncertain';
			} ).then( () => this.$nextTick( this.focusNews ) );
		},
		/** The button that was pressed was switched off meanwhile: the news take the focus. */
		focusNews() {
			if ( this.open && this.$refs.news ) {
				this.$refs.news.focus();
			}
		},
		act() {
			if ( this.step === 'offer' ) {
				this.save();
			} else if ( this.step === 'silent' ) {
				this.load();
			} else if ( this.step !== 'saving' ) {
				location.reload();
			}
		}
	},
	template: `
<cdx-dialog v-model:open="open" class="suggestdepicts-dialog" use-close-button
	:title="text( 'suggest-depicts-title' )" :subtitle="page.title"
	:close-button-label="text( 'suggest-depicts-close' )"
	:primary-action="primary" :default-action="secondary" @primary="act" @default="open = false">
	<p class="suggestdepicts-announced" role="status">{{ announced }}</p>
	<div ref="news" class="suggestdepicts-news" tabindex="-1">
		<cdx-message v-if="told" :type="told.type">
			<p><strong>{{ text( told.title ) }}</strong></p>
			<p>{{ toldText }}</p>
		</cdx-message>
		<cdx-message v-if="step === 'saved'" :type="result.verified ? 'success' : 'warning'">
			<p><strong>{{ savedText }}</strong></p>
		</cdx-message>
	</div>
	<div v-if="step === 'loading'" class="suggestdepicts-loading">
		<p>{{ progress }}</p>
		<cdx-progress-bar inline :aria-label="progress"></cdx-progress-bar>
		<div v-for="n in 3" :key="n" class="suggestdepicts-skeleton" aria-hidden="true"></div>
	</div>
	<template v-if="offered">
		<cdx-message v-if="!page.user" class="suggestdepicts-anonymous" type="notice">
			{{ text( 'suggest-depicts-anonymous' ) }}
			<a :href="addresses.login">{{ text( 'suggest-depicts-login' ) }}</a>
		</cdx-message>
		<div class="suggestdepicts-file">
			<img v-if="page.picture" :src="page.picture" alt="">
			<p>{{ text( 'suggest-depicts-found', suggestions.length ) }}</p>
		</div>
		<p v-if="demo" class="suggestdepicts-demo suggestdepicts-subtle">{{
			text( 'suggest-depicts-demo' ) }}</p>
		<ul class="suggestdepicts-chips">
			<chip v-for="one in suggestions" :key="one.item" :suggestion="one"
				:language="page.language" :disabled="step !== 'offer'"
				:approved="picks.indexOf( one.item ) >= 0"
				@update:approved="approve( one.item, $event )"></chip>
		</ul>
	</template>
	<outcome v-if="step === 'saved'" :picked="picked" :result="result" :diff="diff"></outcome>
	<template v-if="answer && step !== 'loading' && step !== 'silent'" #footer-text>
		<span v-if="offered && page.user" class="suggestdepicts-summary">{{ summary }}</span>
		<span class="suggestdepicts-subtle suggestdepicts-model">{{
			text( 'suggest-depicts-model', answer.model_version ) }}</span>
	</template>
</cdx-dialog>`
};
