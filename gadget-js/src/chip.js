/**
 * One suggestion: what it is, how sure, why, and a toggle to approve it.
 */
'use strict';

const { CdxInfoChip, CdxToggleButton } = require( '@wikimedia/codex' );
const explain = require( './explain.js' );
const { foreign, language, text } = require( './messages.js' );

// @vue/component
module.exports = {
	name: 'SuggestDepictsChip',
	components: { CdxInfoChip, CdxToggleButton },
	props: {
		suggestion: { type: Object, required: true },
		approved: { type: Boolean, default: false },
		disabled: { type: Boolean, default: false },
		/** Of the labels. */
		language: { type: String, required: true }
	},
	emits: [ 'update:approved' ],
	computed: {
		kind() {
			const kind = this.suggestion.kind;
			const said = kind ? text( 'kind', kind.label ) : '';
			// some descriptions begin with it
			return this.suggestion.description.startsWith( said ) ? '' : said;
		},
		refines() {
			const labels = this.suggestion.more_specific_than.map( ( one ) => one.label );
			return labels.length ? text( 'refines', labels.join( ', ' ) ) : '';
		},
		confidence() {
			const number = new Intl.NumberFormat( language, { style: 'percent' } )
				.format( explain.percent( this.suggestion.confidence ) / 100 );
			return text( 'confidence',
				text( explain.sureness( this.suggestion.confidence ) ), number );
		},
		width() {
			return { inlineSize: explain.percent( this.suggestion.confidence ) + '%' };
		},
		why() {
			const reasons = explain.reasons( this.suggestion );
			return reasons.length ? text( 'why', reasons.join( '; ' ) ) : '';
		}
	},
	methods: { foreign, text },
	template: `
<li class="suggestdepicts-chip" :class="{ 'suggestdepicts-chip--approved': approved }"
	:data-item="suggestion.item">
	<p class="suggestdepicts-chip__head">
		<a class="suggestdepicts-chip__label" :href="suggestion.url" target="_blank"
			rel="noopener"><bdi :lang="foreign( language )">{{ suggestion.label }}</bdi></a>
		<span v-if="kind" class="suggestdepicts-subtle">{{ kind }}</span>
	</p>
	<div class="suggestdepicts-chip__more">
		<p v-if="suggestion.description"><bdi :lang="foreign( language )">{{ suggestion.description }}</bdi></p>
		<p class="suggestdepicts-sure">
			<span class="suggestdepicts-meter" aria-hidden="true"><span :style="width"></span></span>
			<cdx-info-chip>{{ confidence }}</cdx-info-chip>
		</p>
		<p v-if="why" class="suggestdepicts-subtle">{{ why }}</p>
		<p v-if="refines" class="suggestdepicts-subtle">{{ refines }}</p>
	</div>
	<cdx-toggle-button class="suggestdepicts-chip__approve" :model-value="approved"
		:disabled="disabled" :aria-label="text( 'approve-item', suggestion.label )"
		@update:model-value="$emit( 'update:approved', $event )">
		{{ text( 'approve' ) }}
	</cdx-toggle-button>
</li>`
};
