/**
 * What became of each approved item.
 */
'use strict';

const { CdxMessage } = require( '@wikimedia/codex' );
const { foreign, text } = require( './messages.js' );

/** By fate, as saving.js has it. */
const SAID = {
	saved: [ 'success', 'saved-item' ],
	absent: [ 'error', 'saved-absent' ],
	twice: [ 'warning', 'saved-twice' ],
	unread: [ 'warning', 'saved-unread' ],
	redundant: [ 'notice', 'saved-redundant' ],
	withdrawn: [ 'notice', 'saved-withdrawn' ],
	sent: [ 'warning', 'saved-sent' ]
};

// @vue/component
module.exports = {
	name: 'SuggestDepictsOutcome',
	components: { CdxMessage },
	props: {
		picked: { type: Array, required: true },
		/** As saving.save gives it; null where that is not known. */
		result: { type: Object, default: null },
		/** Of the labels. */
		language: { type: String, required: true }
	},
	computed: {
		items() {
			return this.picked.map( ( one ) => {
				const [ type, key ] = SAID[ this.result ? this.result.fates[ one.item ] : 'sent' ];
				return { item: one.item, label: one.label, type: type, told: text( key ) };
			} );
		}
	},
	methods: { foreign },
	template: `
<ul class="suggestdepicts-results">
	<li v-for="one in items" :key="one.item" :data-item="one.item">
		<cdx-message inline :type="one.type" :role="null" aria-live="off">
			<bdi :lang="foreign( language )">{{ one.label }}</bdi>: {{ one.told }}
		</cdx-message>
	</li>
</ul>`
};
