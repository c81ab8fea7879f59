/**
 * The dialog. Its steps: loading, consent, silent (with the reason), offer, saving, saved, told
 * (verdicts alone), uncertain. Picks stay through every failed save; after a save, and after one
 * whose end is not known, there is no other before the page is loaded anew. What follows the first
 * sight is done by more.js.
 */
'use strict';

const { markRaw } = require( 'vue' );
const { CdxButton, CdxDialog, CdxMessage, CdxProgressBar } = require( '@wikimedia/codex' );
const Chip = require( './chip.js' );
const flow = require( './flow.js' );
const { language, text } = require( './messages.js' );
const here = require( './page.js' );
const sure = require( './sure.js' );

const fresh = () => ( {
	step: 'loading',
	answer: null,
	/** The suggestions, and what the person found. */
	cards: [],
	/** { item, rank }, in the order of approval. */
	picks: [],
	/** Against suggestions, by item. */
	verdicts: {},
	/** The item that is being refined. */
	refining: '',
	/** { place, seconds } in the service's queue. */
	wait: null,
	/** { type, title, text, again }: why there is nothing to show, or how a save ended. */
	told: null,
	/** The component of more.js that goes with the step. */
	part: '',
	/** As flow.save has it. */
	result: null,
	/** Whether the verdicts did not arrive; not known at once. */
	lost: false
} );

// @vue/component
module.exports = {
	name: 'SuggestDepictsDialog',
	components: { CdxButton, CdxDialog, CdxMessage, CdxProgressBar, Chip },
	props: {
		page: { type: Object, required: true },
		clients: { type: Object, required: true }
	},
	data: () => Object.assign( fresh(), { open: false, more: null } ),
	computed: {
		offered() {
			return this.step === 'offer' || this.step === 'saving';
		},
		/** By item, none for what is not picked. */
		ranks() {
			return this.picks.reduce(
				( all, one ) => Object.assign( all, { [ one.item ]: one.rank } ), {} );
		},
		picked() {
			return this.cards.filter( ( one ) => this.ranks[ one.item ] );
		},
		judged() {
			return Object.keys( this.verdicts ).length;
		},
		progress() {
			return this.wait ? text( 'waiting', this.wait.place, this.wait.seconds ) :
				text( 'loading' );
		},
		found() {
			return text( this.answer.property ? 'found-artwork' : 'found',
				this.answer.suggestions.length );
		},
		demo() {
			return sure.isDemo( this.cards );
		},
		/** What happened: read out when it takes the focus, else as it is announced. */
		news() {
			return this.told &&
				this.told.title + ( this.told.text ? '. ' + this.told.text : '' );
		},
		/** What screen readers hear as the steps change; once, so the messages are silent. */
		announced() {
			return {
				consent: this.news,
				loading: this.progress,
				silent: this.news,
				offer: this.told ? '' : this.answer && this.found,
				saving: text( 'saving' )
			}[ this.step ];
		},
		summary() {
			return this.picks.length ? text( 'picked', this.picks.length, this.page.user ) :
				this.judged ? text( 'judged', this.judged ) : text( 'picked-none' );
		},
		names() {
			return this.picked.map( ( one ) => this.ranks[ one.item ] === 'preferred' ?
				text( 'picked-prominent', one.label ) : one.label ).join( ', ' );
		},
		primary() {
			const key = {
				consent: 'agree',
				silent: this.told && this.told.again && 'again',
				offer: this.judged && !this.picks.length ? 'tell' : 'save',
				saving: 'saving',
				saved: 'reload',
				uncertain: 'reload'
			}[ this.step ];
			return key ? {
				label: text( key ), actionType: 'progressive', disabled: key === 'saving' ||
					key === 'save' && !( this.picks.length && this.page.user )
			} : null;
		}
	},
	watch: {
		open( isOpen ) {
			if ( !isOpen ) {
				this.$nextTick( this.giveBack );
			}
		}
	},
	setup: () => ( { language: language, login: here.login() } ),
	methods: {
		text,
		/** Open; what was offered or saved before is still there. */
		show( opener ) {
			this.opener = opener;
			this.open = true;
			if ( !this.answer || this.step === 'told' ) {
				this.load();
			}
		},
		/** The focus: to what opened, or to the button where that is in a menu, closed by now. */
		giveBack() {
			this.opener.focus();
			if ( document.activeElement !== this.opener ) {
				document.getElementById( 'suggest-depicts' ).focus();
			}
		},
		load() {
			// an answer to an earlier question comes too late
			const question = this.question = {};
			const stopped = () => this.question !== question || !this.open;
			const silent = ( answer ) => stopped() || this.later( 'silent', answer );
			Object.assign( this, fresh() );
			if ( this.page.artwork ) {
				return silent( { outcome: 'skipped', reason: 'artwork' } );
			}
			if ( !here.agreed() ) {
				return this.later( 'consent' );
			}
			flow.ask( this.clients, this.page, {
				stopped: stopped,
				waiting: ( place, seconds ) => {
					this.wait = stopped() ? null : { place: place, seconds: seconds };
				}
			} ).then( ( answer ) => stopped() || answer.outcome !== 'suggested' ?
				silent( answer ) : this.offer( answer ), silent );
		},
		offer( answer ) {
			Object.assign( this, { step: 'offer', answer: answer, cards: answer.suggestions } );
		},
		/** Have more.js do something; picks stay where it cannot be loaded. */
		later( what, ...all ) {
			return here.more().then( ( more ) => {
				this.more = markRaw( more );
				return more[ what ]( this, ...all );
			}, () => {
				this.step = this.answer ? 'offer' : 'silent';
				this.told = { type: 'error', title: text( 'unloaded' ), again: true };
			} );
		},
		rank( item, rank ) {
			const pick = rank ? { item: item, rank: rank } : [];
			if ( rank && this.ranks[ item ] ) {
				this.picks = this.picks.map( ( one ) => one.item === item ? pick : one );
			} else {
				this.picks = this.picks.filter( ( one ) => one.item !== item ).concat( pick );
			}
		},
		/** The button that was pressed was switched off meanwhile: the news take the focus. */
		focusNews() {
			return this.open && this.$refs.news && this.$refs.news.focus();
		},
		act() {
			if ( this.step === 'offer' ) {
				Object.assign( this, { step: 'saving', told: null } );
				this.later( 'save' ).then( () => this.$nextTick( this.focusNews ) );
			} else if ( this.step === 'consent' || this.step === 'silent' ) {
				this.later( this.step === 'consent' ? 'agree' : 'again' );
				this.focusNews();
			} else if ( this.step !== 'saving' ) {
				location.reload();
			}
		}
	},
	template: `
<cdx-dialog v-model:open="open" class="suggestdepicts-dialog" use-close-button :lang="language"
	:title="text( 'title' )" :subtitle="page.title" :close-button-label="text( 'close' )"
	:primary-action="primary"
	:default-action="{ label: text( step === 'consent' ? 'decline' : 'close' ) }"
	@primary="act" @default="open = false">
	<p class="suggestdepicts-announced" role="status">{{ announced }}</p>
	<div ref="news" class="suggestdepicts-news" role="group" tabindex="-1" :aria-label="news">
		<cdx-message v-if="told" :type="told.type" :role="null" aria-live="off">
			<p><strong>{{ told.title }}</strong></p>
			<p v-if="told.text">{{ told.text }}</p>
		</cdx-message>
	</div>
	<div v-if="step === 'loading'" class="suggestdepicts-loading">
		<p>{{ progress }}</p>
		<cdx-progress-bar inline :aria-label="progress"></cdx-progress-bar>
		<div v-for="n in 3" :key="n" class="suggestdepicts-skeleton" aria-hidden="true"></div>
	</div>
	<template v-if="offered">
		<div class="suggestdepicts-file">
			<img v-if="page.picture" :src="page.picture" alt="">
			<p>{{ found }}</p>
		</div>
		<p v-if="demo" class="suggestdepicts-demo suggestdepicts-subtle">{{
			text( 'demo' ) }}</p>
		<ul ref="chips">
			<chip v-for="one in cards" :key="one.item" :suggestion="one"
				:language="page.language" :disabled="step !== 'offer'"
				:rank="ranks[ one.item ]" :verdict="verdicts[ one.item ]"
				@rank="rank( one.item, $event )" @judge="later( 'judge', one.item, $event )">
				<component :is="more.Refine" v-if="refining === one.item"
					:key="verdicts[ one.item ]" :of="one" :verdict="verdicts[ one.item ]"
					:dialog="$data" :page="page" :clients="clients"
					@take="later( 'take', $event, one.item )"></component>
			</chip>
		</ul>
		<cdx-button v-if="!part && !answer.property" weight="quiet" action="progressive"
			:disabled="step !== 'offer'" @click="later( 'search' )">{{ text( 'add' ) }}</cdx-button>
	</template>
	<component :is="more[ part ]" v-if="part" :dialog="$data" :picked="picked" :page="page"
		:clients="clients" @take="later( 'take', $event )"></component>
	<template v-if="answer" #footer-text>
		<template v-if="offered">
			<span v-if="page.user || judged" class="suggestdepicts-summary">{{ summary }}</span>
			<span v-else class="suggestdepicts-anonymous">{{ text( 'anonymous' ) }}
				<a :href="login">{{ text( 'login' ) }}</a></span>
			<span v-if="names" class="suggestdepicts-names">{{ names }}</span>
		</template>
		<span v-if="answer.model_version" class="suggestdepicts-subtle suggestdepicts-model">{{
			text( 'model', answer.model_version ) }}</span>
	</template>
</cdx-dialog>`
};
