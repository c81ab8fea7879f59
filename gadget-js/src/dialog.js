/**
 * The dialog. Its steps: loading, silent (with the reason), offer, saving, saved, uncertain.
 * Picks stay through every failed save; after a save, and after one whose end is not known, there
 * is no other before the page is loaded anew.
 */
'use strict';

const { CdxDialog, CdxMessage, CdxProgressBar } = require( '@wikimedia/codex' );
const Chip = require( './chip.js' );
const Outcome = require( './outcome.js' );
const explain = require( './explain.js' );
const flow = require( './flow.js' );
const { language, text } = require( './messages.js' );

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
			result: null,
			/** Whether the verdicts did not arrive; not known at once. */
			lost: false
		};
	},
	computed: {
		suggestions() {
			return this.answer ? this.answer.suggestions : [];
		},
		offered() {
			return this.step === 'offer' || this.step === 'saving';
		},
		demo() {
			return explain.isDemo( this.suggestions );
		},
		picked() {
			return this.suggestions.filter( ( one ) => this.picks.includes( one.item ) );
		},
		diff() {
			const revision = this.result && this.result.revision;
			return revision ? this.addresses.diff( revision ) : '';
		},
		progress() {
			return this.wait ? text( 'waiting', this.wait.place, this.wait.seconds ) :
				text( 'loading' );
		},
		toldText() {
			return text( this.told.key, ...this.told.parameters );
		},
		/** Labels of what was sent, and not found once and for all. */
		unconfirmed() {
			return this.picked.filter( ( one ) => this.result.written.includes( one.item ) &&
				this.result.fates[ one.item ] !== 'saved' ).map( ( one ) => one.label );
		},
		savedText() {
			const count = this.result.written.length;
			return this.unconfirmed.length ?
				text( 'saved-unconfirmed', this.unconfirmed.join( ', ' ) ) :
				count ? text( 'saved', count ) : text( 'saved-nothing' );
		},
		/** What happened: read out when it takes the focus, else as it is announced. */
		news() {
			return this.told ? text( this.told.title ) + '. ' + this.toldText :
				this.step === 'saved' ? this.savedText : null;
		},
		/** What screen readers hear as the steps change; once, so the messages are silent. */
		announced() {
			return {
				loading: this.progress,
				silent: this.news,
				offer: this.told ? '' : text( 'found', this.suggestions.length ),
				saving: text( 'saving' ),
				saved: this.lost ? text( 'verdict-lost' ) : ''
			}[ this.step ];
		},
		summary() {
			return this.picks.length ? text( 'picked', this.picks.length, this.page.user ) :
				text( 'picked-none' );
		},
		primary() {
			const key = {
				silent: this.told && this.told.again && 'again',
				offer: 'save',
				saving: 'saving',
				saved: 'reload',
				uncertain: 'reload'
			}[ this.step ];
			return key ? {
				label: text( key ), actionType: 'progressive',
				disabled: this.offered &&
					( this.step === 'saving' || !this.picks.length || !this.page.user )
			} : null;
		}
	},
	watch: {
		open( isOpen ) {
			if ( !isOpen ) {
				this.$nextTick( () => this.opener.focus() );
			}
		}
	},
	setup: () => ( { language: language } ),
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
				( answer ) => answer.outcome === 'suggested' ? { step: 'offer', answer: answer } :
					{ step: 'silent', told: explain.silence( answer ) },
				( error ) => ( { step: 'silent', told: explain.trouble( error ) } )
			).then( ( next ) => stopped() || Object.assign( this, next ) );
		},
		approve( item, yes ) {
			this.picks = this.picks.filter( ( one ) => one !== item ).concat( yes ? [ item ] : [] );
		},
		save() {
			this.told = null;
			this.step = 'saving';
			flow.save( this.clients, this.page, this.answer, this.picks ).then( ( done ) => {
				this.result = done.result;
				this.step = 'saved';
				done.told.then( ( told ) => {
					this.lost = !told;
				} );
			}, ( error ) => {
				this.told = explain.unsaved( error );
				this.step = this.told.again ? 'offer' : 'uncertain';
			} ).then( () => this.$nextTick( this.focusNews ) );
		},
		/** The button that was pressed was switched off meanwhile: the news take the focus. */
		focusNews() {
			return this.open && this.$refs.news && this.$refs.news.focus();
		},
		act() {
			if ( this.step === 'offer' ) {
				this.save();
			} else if ( this.step === 'silent' ) {
				this.load();
				this.focusNews();
			} else if ( this.step !== 'saving' ) {
				location.reload();
			}
		}
	},
	template: `
<cdx-dialog v-model:open="open" class="suggestdepicts-dialog" use-close-button :lang="language"
	:title="text( 'title' )" :subtitle="page.title" :close-button-label="text( 'close' )"
	:primary-action="primary" :default-action="{ label: text( 'close' ) }"
	@primary="act" @default="open = false">
	<p class="suggestdepicts-announced" role="status">{{ announced }}</p>
	<div ref="news" class="suggestdepicts-news" role="group" tabindex="-1" :aria-label="news">
		<cdx-message v-if="told" :type="told.type" :role="null" aria-live="off">
			<p><strong>{{ text( told.title ) }}</strong></p>
			<p>{{ toldText }}</p>
		</cdx-message>
		<cdx-message v-if="step === 'saved'" :type="unconfirmed.length ? 'warning' : 'success'"
			aria-live="off"><strong>{{ savedText }}</strong></cdx-message>
	</div>
	<div v-if="step === 'loading'" class="suggestdepicts-loading">
		<p>{{ progress }}</p>
		<cdx-progress-bar inline :aria-label="progress"></cdx-progress-bar>
		<div v-for="n in 3" :key="n" class="suggestdepicts-skeleton" aria-hidden="true"></div>
	</div>
	<template v-if="offered">
		<cdx-message v-if="!page.user" class="suggestdepicts-anonymous" type="notice"
			aria-live="off">
			{{ text( 'anonymous' ) }}
			<a :href="addresses.login">{{ text( 'login' ) }}</a>
		</cdx-message>
		<div class="suggestdepicts-file">
			<img v-if="page.picture" :src="page.picture" alt="">
			<p>{{ text( 'found', suggestions.length ) }}</p>
		</div>
		<p v-if="demo" class="suggestdepicts-demo suggestdepicts-subtle">{{
			text( 'demo' ) }}</p>
		<ul class="suggestdepicts-chips">
			<chip v-for="one in suggestions" :key="one.item" :suggestion="one"
				:language="page.language" :disabled="step !== 'offer'"
				:approved="picks.includes( one.item )"
				@update:approved="approve( one.item, $event )"></chip>
		</ul>
	</template>
	<outcome v-if="step === 'saved' || step === 'uncertain'" :picked="picked" :result="result"
		:language="page.language"></outcome>
	<div v-if="step === 'saved'" class="suggestdepicts-after">
		<p v-if="diff"><a class="suggestdepicts-diff" :href="diff" target="_blank">{{
			text( 'saved-diff' ) }}</a></p>
		<p class="suggestdepicts-subtle" v-if="result.written.length && !result.tagged">{{
			text( 'saved-untagged' ) }}</p>
		<cdx-message v-if="lost" class="suggestdepicts-verdict-lost" type="warning"
			aria-live="off">{{ text( 'verdict-lost' ) }}</cdx-message>
		<p>{{ text( 'saved-stale' ) }}</p>
	</div>
	<template v-if="answer && step !== 'loading' && step !== 'silent'" #footer-text>
		<span v-if="offered && page.user" class="suggestdepicts-summary">{{ summary }}</span>
		<span class="suggestdepicts-subtle suggestdepicts-model">{{
			text( 'model', answer.model_version ) }}</span>
	</template>
</cdx-dialog>`
};
