/**
 * One suggestion: what it is, how sure, why, and a toggle to approve it.
 */
'use strict';

const { CdxInfoChip, CdxToggleButton } = require( '@wikimedia/codex' );
const explain = require( './explain.js' );
const { text } = require( './messages.js' );

// @vue/component
module.exports = {
	name: 'SuggestDepictsChip',
	components: { CdxInfoChip, CdxToggleButton },
	props: {
		suggestion: { type: Object, required: true },
		approved: { type: Boolean, default: false },
		disabled: { type: Boolean, default: false },
		language: { type: String, required: true }
	},
	emits: [ 'update:approved' ],
	computed: {
		address() {
			const url = String( this.suggestion.url );
			return /^https?:\/\//.test( url ) ? url : null;
		},
		kind() {
			const kind = this.suggestion.kind;
			const said = kind && kind.label ? text( 'suggest-depicts-kind', kind.label ) : '';
			// some descriptions begin with it
			return String( this.suggestion.description ).indexOf( said ) === 0 ? '' : said;
		},
		refines() {
			const labels = ( this.suggestion.more_specific_than || [] ).map( ( one ) => one.label );
			return labels.length ? text( 'suggest-depicts-refines', labels.join( ', ' ) ) : '';
		},
		confidence() {
			const number = new Intl.NumberFormat( this.language, { style: 'percent' } )
				.format( explain.percent( this.suggestion.confidence ) / 100 );
			return text( 'suggest-depicts-confidence',
				text( explain.sureness( this.suggestion.confidence ) ), number );
		},
		width() {
			return { inlineSize: explain.percent( this.suggestion.confidence ) + '%' };
		},
		why() {
			const reasons = explain.reasons( this.suggestion );
			return reasons.length ? text( 'suggest-depicts-why', reasons.join( '; ' ) ) : '';
		}
	},
	methods: { text },
	template: `
<li class="suggestdepicts-chip" :class="{ 'suggestdepicts-chip--approved': approved }"
	:data-item="suggestion.item">
	<p class="suggestdepicts-chip__head">
		<a v-if="address" class="suggestdepicts-chip__label" :href="address" target="_blank"
			rel="noopener"><bdi>{{ suggestion.label }}</bdi></a>
		<bdi v-else class="suggestdepicts-chip__label">{{ suggestion.label }}</bdi>
		<span v-if="kind" class="suggestdepicts-subtle">{{ kind }}</span>
	</p>
	<div class="suggestdepicts-chip__more">
		<p v-if="suggestion.description"><bdi>{{ suggestion.description }}</bdi></p>
		<p class="suggestdepicts-sure">
			<span class="suggestdepicts-meter" aria-hidden="true"><span :style="width"></span></span>
			<cdx-info-chip>{{ confidence }}</cdx-info-chip>
		</p>
		<p v-if="why" class="suggestdepicts-subtle">{{ why }}</p>
		<p v-if="refines" class="suggestdepicts-subtle">{{ refines }}</p>
	</div>
	<cdx-toggle-button class="suggestdepicts-chip__approve" :model-value="approved"
		:disabled="disabled" :aria-label="text( 'suggest-depicts-approve-item', suggestion.label )"
		@update:model-value="$emit( 'update:approved', $event )">
		{{ text( 'suggest-depicts-approve' ) }}
	</cdx-toggle-button>
</li>`
};
