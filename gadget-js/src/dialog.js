/**
 * The dialog. Its steps: loading, consent, silent, offer, saving, saved, told (verdicts alone),
 * uncertain. Picks stay through every failed save; after a save, and after one whose end is not
 * known, there is no other before the page is loaded anew.
 */
'use strict';

const { markRaw } = require( 'vue' );
const { CdxButton, CdxDialog, CdxMessage, CdxProgressBar } = require( '@wikimedia/codex' );
const asking = require( './asking.js' );
const Chip = require( './chip.js' );
const { direction, language, list, text } = require( './messages.js' );
const here = require( './page.js' );
const pictures = require( './pictures.js' );
const sure = require( './sure.js' );

const fresh = () => ( {
	step: 'loading',
	answer: null,
	/** Suggestions, and what the person found. */
	cards: [],
	/** Their thumbnails, as pictures.js has them. */
	pictures: {},
	/** { item, rank } */
	picks: [],
	verdicts: {},
	refining: '',
	/** Place in the queue, and seconds. */
	wait: null,
	/** As telling.js has it. */
	told: null,
	/** A component of more.js. */
	part: '',
	result: null,
	lost: ''
} );

// @vue/component
module.exports = {
	name: 'SuggestDepictsDialog',
	components: { CdxButton, CdxDialog, CdxMessage, CdxProgressBar, Chip },
	props: {
		/** The page that it is opened on; of a category's files one after the other follows. */
		first: { type: Object, required: true },
		clients: { type: Object, required: true }
	},
	data: ( { first } ) => Object.assign( fresh(), { open: false, more: null, page: first } ),
	computed: {
		offered() {
			return this.step === 'offer' || this.step === 'saving';
		},
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
			return this.wait ? text( 'waiting', ...this.wait ) : text( 'loading' );
		},
		found() {
			return text( this.answer.property ? 'found-artwork' : 'found',
				this.answer.suggestions.length );
		},
		/** Read out with the focus, else as it is announced. */
		news() {
			return this.told && this.told.title + ( this.told.text ? '. ' + this.told.text : '' );
		},
		/** Read out as the steps change; once, so the messages are silent. */
		announced() {
			return this.told ? this.answer ? '' : this.news : {
				loading: this.progress,
				offer: this.answer && this.found,
				saving: text( 'saving' )
			}[ this.step ];
		},
		summary() {
			const picked = this.picks.length;
			return picked ? text( 'picked', picked, this.page.user ) :
				this.judged ? text( 'judged', this.judged ) : text( 'picked-none' );
		},
		names() {
			return list( this.picked.map( ( one ) => this.ranks[ one.item ] === 'preferred' ?
				text( 'picked-prominent', one.label ) : one.label ) );
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
		},
		secondary() {
			return { label: text( this.step === 'consent' ? 'decline' : 'close' ) };
		}
	},
	watch: {
		cards: {
			// after they are seen
			flush: 'post',
			handler( cards ) {
				const shown = this.pictures;
				const others = cards.filter( ( one ) => !( one.item in shown ) );
				pictures.find( this.clients.wiki, others )
					.then( ( found ) => Object.assign( shown, found ) );
			}
		},
		open( isOpen ) {
			return isOpen || this.$nextTick( () => {
				// the opener may be in a menu that has closed
				document.getElementById( 'suggest-depicts' ).focus();
				this.opener.focus();
			} );
		}
	},
	setup: () => ( { direction, language } ),
	methods: {
		isDemo: sure.isDemo,
		text,
		show( opener ) {
			this.opener = opener;
			this.open = true;
			if ( !this.answer || this.step === 'told' ) {
				this.load();
			}
		},
		reset() {
			Object.assign( this, fresh() );
		},
		ask( watch ) {
			return asking.ask( this.clients, this.page, watch );
		},
		load() {
			// an earlier answer comes too late
			const question = this.question = {};
			const stopped = () => this.question !== question || !this.open;
			const silent = ( answer ) => stopped() || this.later( 'silent', answer );
			this.reset();
			if ( this.page.artwork ) {
				return silent( { outcome: 'skipped', reason: 'artwork' } );
			}
			if ( !here.agreed() ) {
				return this.later( 'consent' );
			}
			this.ask( {
				stopped: stopped,
				waiting: ( ...wait ) => {
					this.wait = stopped() ? null : wait;
				}
			} ).then( ( answer ) => stopped() || answer.outcome !== 'suggested' ?
				silent( answer ) : this.offer( answer ), silent );
		},
		offer( answer ) {
			Object.assign( this, { step: 'offer', answer: answer, cards: answer.suggestions } );
		},
		acts: () => here.more(),
		/** What follows the first sight is done by more.js. */
		later( what, ...all ) {
			return this.acts().then( ( more ) => {
				this.more = markRaw( more );
				return more[ what ]( this, ...all );
			}, () => {
				this.step = this.answer ? 'offer' : 'silent';
				this.told = { type: 'error', title: text( 'unloaded' ), again: true };
				return this.$nextTick( this.focusNews );
			} );
		},
		rank( item, rank ) {
			const pick = rank ? { item: item, rank: rank } : [];
			// a save would tell that it cannot be loaded
			this.acts().then( ( more ) => more.picked( this, item ) ).catch( () => {} );
			this.picks = rank && this.ranks[ item ] ?
				this.picks.map( ( one ) => one.item === item ? pick : one ) :
				this.picks.filter( ( one ) => one.item !== item ).concat( pick );
		},
		does( act ) {
			return this.later( act ).then( () => this.$nextTick( this.focusNews ) );
		},
		/** Instead of the button, which is switched off. */
		focusNews() {
			return this.open && this.$refs.news && this.$refs.news.focus();
		},
		leave() {
			this.open = false;
		},
		act() {
			const act = { consent: 'agree', offer: 'save', silent: 'again' }[ this.step ];
			if ( act === 'save' ) {
				Object.assign( this, { step: 'saving', told: null } );
			}
			if ( act ) {
				this.does( act );
			} else if ( this.step !== 'saving' ) {
				location.reload();
			}
		}
	},
	template: `
<cdx-dialog v-model:open="open" class="suggestdepicts-dialog" use-close-button :lang="language"
	:dir="direction"
	:title="text( 'title' )" :subtitle="page.title" :close-button-label="text( 'close' )"
	:primary-action="primary" :default-action="secondary" @primary="act" @default="leave">
	<p class="suggestdepicts-announced" role="status">{{ announced }}</p>
	<component :is="more.Above" v-if="more && more.Above" ref="above" :dialog="$data"
		@stop="does( 'stop' )"></component>
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
		<p v-if="isDemo( cards )" class="suggestdepicts-demo suggestdepicts-subtle">{{
			text( 'demo' ) }}</p>
		<ul ref="chips">
			<chip v-for="one in cards" :key="one.item" :card="one"
				:language="page.language" :disabled="step !== 'offer'"
				:picture="pictures[ one.item ]" :rank="ranks[ one.item ]"
				:verdict="verdicts[ one.item ]"
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
				<a :href="page.login">{{ text( 'login' ) }}</a></span>
			<span v-if="names" class="suggestdepicts-names">{{ names }}</span>
		</template>
		<span v-if="answer.model_version" class="suggestdepicts-subtle suggestdepicts-model">{{
			text( 'model', answer.model_version ) }}</span>
	</template>
</cdx-dialog>`
};
