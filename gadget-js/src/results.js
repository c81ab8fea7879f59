/**
 * What became of each file that was gone through.
 */
'use strict';

const { CdxMessage } = require( '@wikimedia/codex' );
const { messages } = require( 'ext.gadget.suggest-depicts-core' );
const { Outcome, place } = require( 'ext.gadget.suggest-depicts-more' );

// @vue/component
module.exports = {
	name: 'SuggestDepictsResults',
	components: { CdxMessage, Outcome },
	inheritAttrs: false,
	props: {
		/** The dialog's data: results, walk. */
		dialog: { type: Object, required: true },
		clients: { type: Object, required: true }
	},
	setup: () => ( { file: place.file, text: messages.text } ),
	computed: {
		/** Where Edit groups lists the edits. */
		group() {
			return this.dialog.results.some( ( { result } ) => result && result.revision ) &&
				'https://editgroups-commons.toolforge.org/b/' + this.dialog.walk.group + '/';
		}
	},
	template: `
<div v-if="dialog.results.length">
	<p v-if="group"><a :href="group" target="_blank" rel="noopener">{{ text( 'bulk-group' ) }}</a></p>
	<h3 id="suggestdepicts-files">{{ text( 'bulk-files' ) }}</h3>
	<ul class="suggestdepicts-files" aria-labelledby="suggestdepicts-files">
		<li v-for="( one, n ) in dialog.results" :key="n" :data-mid="one.page.mid">
			<cdx-message inline :type="one.type" :role="null" aria-live="off">
				<a :href="file( one.page )" target="_blank"><bdi>{{ one.page.title }}</bdi></a>:
				{{ one.news }}
			</cdx-message>
			<outcome v-if="one.picked.length" :dialog="one" :picked="one.picked" :page="one.page"
				:clients="clients"></outcome>
		</li>
	</ul>
</div>`
};
