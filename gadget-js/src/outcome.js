/**
 * How a save ended: each approved item with its fate, the edit, and the way back.
 */
'use strict';

const { CdxButton, CdxMessage } = require( '@wikimedia/codex' );
const { messages } = require( 'ext.gadget.suggest-depicts-core' );
const flow = require( './flow.js' );
const place = require( './place.js' );
const saving = require( './saving.js' );
const telling = require( './telling.js' );

/** By fate, as saving.js has it; without one the edit's end is not known. */
const SAID = {
	saved: [ 'success', 'saved-item' ],
	absent: [ 'error', 'saved-absent' ],
	twice: [ 'warning', 'saved-twice' ],
	returned: [ 'notice', 'saved-returned' ],
	unread: [ 'warning', 'saved-unread' ],
	redundant: [ 'notice', 'saved-redundant' ],
	withdrawn: [ 'notice', 'saved-withdrawn' ],
	sent: [ 'warning', 'saved-sent' ],
	undone: [ 'notice', 'saved-undone' ]
};

// @vue/component
module.exports = {
	name: 'SuggestDepictsOutcome',
	components: { CdxButton, CdxMessage },
	props: {
		/** The dialog's data: result, lost. */
		dialog: { type: Object, required: true },
		/** What was approved. */
		picked: { type: Array, required: true },
		page: { type: Object, required: true },
		clients: { type: Object, required: true }
	},
	setup: () => ( { foreign: messages.foreign, text: messages.text } ),
	data: () => ( {
		/** Why items are not undone. */
		kept: {},
		busy: false
	} ),
	computed: {
		items() {
			const result = this.dialog.result;
			return this.picked.map( ( one ) => {
				const fate = result ? result.fates[ one.item ] : 'sent';
				const said = SAID[ fate ];
				return {
					card: one, item: one.item, label: one.label, type: said[ 0 ],
					told: this.kept[ one.item ] || this.text( said[ 1 ] ),
					guid: fate === 'saved' && result.guids && result.guids[ one.item ]
				};
			} );
		},
		diff() {
			const revision = this.dialog.result && this.dialog.result.revision;
			return revision ? place.diff( revision ) : '';
		}
	},
	methods: {
		/** Take our own statement back; the focus goes to what is said of it. */
		undo( one ) {
			// it outlives this list, which is made anew when the dialog is opened again
			const { fates, guids } = this.dialog.result;
			this.busy = true;
			delete this.kept[ one.item ];
			saving.undo( this.clients.wiki, {
				mid: this.page.mid, property: this.dialog.answer.property, guid: one.guid,
				user: this.page.user, summary: flow.summary( this.page, ': undo' ), tag: flow.TAG
			} ).then( () => {
				fates[ one.item ] = 'undone';
				delete guids[ one.item ];
			}, ( error ) => {
				this.kept[ one.item ] = error.code === 'uncertain' ? this.text( 'undo-uncertain' ) :
					this.text( 'undo-failed', telling.kept( error ) );
			} ).then( () => {
				this.busy = false;
				return this.$nextTick();
			} ).then( () => this.$refs.list.querySelector( '[data-item=' + one.item + ']' ).focus() );
		}
	},
	template: `
<div>
	<ul ref="list" class="suggestdepicts-results">
		<li v-for="one in items" :key="one.item" :data-item="one.item" tabindex="-1">
			<cdx-message inline :type="kept[ one.item ] ? 'error' : one.type" :role="null"
				aria-live="off">
				<a :href="one.card.url" target="_blank" rel="noopener"><bdi
					:lang="foreign( one.card, page.language )">{{ one.label }}</bdi></a>: {{ one.told }}
			</cdx-message>
			<cdx-button v-if="one.guid" weight="quiet" :disabled="busy"
				:aria-label="text( 'about', text( 'undo' ), one.label )" @click="undo( one )">
				{{ text( 'undo' ) }}
			</cdx-button>
		</li>
	</ul>
	<div v-if="dialog.result" class="suggestdepicts-after">
		<p v-if="diff"><a class="suggestdepicts-diff" :href="diff" target="_blank">{{
			text( 'saved-diff' ) }}</a></p>
		<p v-if="dialog.result.written.length && !dialog.result.tagged"
			class="suggestdepicts-subtle">{{ text( 'saved-untagged' ) }}</p>
		<p class="suggestdepicts-announced" role="status">{{
			dialog.lost ? text( dialog.lost ) : '' }}</p>
		<cdx-message v-if="dialog.lost" class="suggestdepicts-verdict-lost" type="warning"
			:role="null" aria-live="off">{{ text( dialog.lost ) }}</cdx-message>
		<p v-if="!page.group">{{ text( 'saved-stale' ) }}</p>
	</div>
</div>`
};
