/**
 * Above the suggestions for one of many files: which it is, how the last one ended, a way to stop.
 */
'use strict';

const { CdxButton } = require( '@wikimedia/codex' );
const { messages } = require( 'ext.gadget.suggest-depicts-core' );
const { place } = require( 'ext.gadget.suggest-depicts-more' );

// @vue/component
module.exports = {
	name: 'SuggestDepictsAbove',
	components: { CdxButton },
	props: {
		/** The dialog's data: page, results, step, stopping, walk. */
		dialog: { type: Object, required: true }
	},
	emits: [ 'stop' ],
	setup: () => ( { file: place.file, text: messages.text } ),
	computed: {
		progress() {
			const { at, files, rest } = this.dialog.walk;
			return rest ? this.text( 'bulk-progress-more', at + 1, files.length ) :
				this.text( 'bulk-progress', at + 1, files.length );
		},
		/** Its picture is fetched while the person looks at another. */
		next() {
			const { at, files } = this.dialog.walk;
			return files[ at + 1 ];
		},
		/** What is told of this file is told below. */
		last() {
			const { page, results } = this.dialog;
			return results.filter( ( one ) => one.page.mid !== page.mid ).pop();
		}
	},
	methods: {
		focus() {
			this.$el.scrollIntoView();
			this.$refs.at.focus( { preventScroll: true } );
		}
	},
	template: `
<div v-show="![ 'consent', 'listed' ].includes( dialog.step )" class="suggestdepicts-above">
	<div class="suggestdepicts-above__row">
		<div ref="at" class="suggestdepicts-above__at" role="group" tabindex="-1"
			:aria-label="dialog.page.mid ? text( 'about', progress, dialog.page.title ) : null">
			<strong v-if="dialog.page.mid">{{ progress }}</strong>
		</div>
		<span v-if="dialog.stopping" role="status">{{ text( 'bulk-stopping' ) }}</span>
		<cdx-button v-else-if="dialog.page.mid || dialog.results.length" @click="$emit( 'stop' )">{{
			text( 'bulk-stop' ) }}</cdx-button>
	</div>
	<p class="suggestdepicts-subtle" role="status"><template v-if="last"><bdi>{{
		last.page.title }}</bdi>: {{ last.news }}</template></p>
	<a v-if="dialog.page.thumb" class="suggestdepicts-above__picture" target="_blank"
		:href="file( dialog.page )"><img :src="dialog.page.thumb" :alt="dialog.page.title"></a>
	<img v-if="next" :src="next.thumb" alt="" hidden>
</div>`
};
