/**
 * What became of each approved item, after a save.
 */
'use strict';

const { CdxMessage } = require( '@wikimedia/codex' );
const { text } = require( './messages.js' );

/**
 * @param {Object} result As flow.save gives it.
 * @param {string} item
 * @return {{type: string, key: string}} type as CdxMessage has it.
 */
function fate( result, item ) {
	if ( result.written.indexOf( item ) < 0 ) {
		return { type: 'notice', key: 'suggest-depicts-saved-redundant' };
	}
	if ( !result.unverified ) {
		return { type: 'warning', key: 'suggest-depicts-saved-unread' };
	}
	return result.unverified.indexOf( item ) < 0 ?
		{ type: 'success', key: 'suggest-depicts-saved-item' } :
		{ type: 'error', key: 'suggest-depicts-saved-missing' };
}

// @vue/component
module.exports = {
	name: 'SuggestDepictsOutcome',
	components: { CdxMessage },
	props: {
		/** The suggestions that were approved. */
		picked: { type: Array, required: true },
		result: { type: Object, required: true },
		/** Address of the edit; empty where there was none. */
		diff: { type: String, default: '' }
	},
	computed: {
		items() {
			return this.picked.map( ( one ) => Object.assign(
				{ item: one.item, label: one.label }, fate( this.result, one.item )
			) );
		}
	},
	methods: { text },
	template: `
<div>
	<ul class="suggestdepicts-results">
		<li v-for="one in items" :key="one.item" :data-item="one.item">
			<cdx-message inline :type="one.type">
				<bdi>{{ one.label }}</bdi>: {{ text( one.key ) }}
			</cdx-message>
		</li>
	</ul>
	<p v-if="diff"><a class="suggestdepicts-diff" :href="diff" target="_blank">{{
		text( 'suggest-depicts-saved-diff' ) }}</a></p>
	<p class="suggestdepicts-subtle" v-if="result.written.length && !result.tagged">{{
		text( 'suggest-depicts-saved-untagged' ) }}</p>
	<cdx-message v-if="!result.told" class="suggestdepicts-verdict-lost" type="warning">{{
		text( 'suggest-depicts-verdict-lost' ) }}</cdx-message>
	<p>{{ text( 'suggest-depicts-saved-stale' ) }}</p>
</div>`
};
